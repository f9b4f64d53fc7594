package import Tensors

/// `|prediction - target|`, element by element; of equal ones the derivative is 0.
///
/// - Parameters:
///   - prediction: [P, M], such as predicted IoUs.
///   - target: the same shape, taken as constant.
package func absoluteError(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    precondition(prediction.shape == target.shape, "shapes \(prediction.shape) and \(target.shape) of an error")
    let differences = zip(prediction.values, target.values).map { $0.0 - $0.1 }
    let signs = Tensor(differences.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, shape: prediction.shape)
    return prediction.operation(Tensor(differences.map(abs), shape: prediction.shape)) { $0 * signs }
}
