package import Tensors

/// `(prediction - target)²`, element by element: with its mean, the loss of SAM's IoU head.
///
/// - Parameters:
///   - prediction: [P, M], such as predicted IoUs.
///   - target: the same shape, such as ``MaskLosses/intersectionOverUnion``.
package func squaredError(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let difference = prediction - target
    return difference * difference
}
