internal import Layers
package import Tensors

/// Mask prompts before they are spread over the channels of the image: few channels, and the layer that makes many of
/// them.
///
/// Shapes: P prompts, G side of the token grid, r channels before, C after.
package struct DensePrompts {
    /// [P, G, G, r]
    let hidden: Tensor
    /// The convolution of size 1 from r to C channels.
    let last: PatchConvolution

    /// [P, G, G, C]
    package var tensor: Tensor { last(hidden) }

    /// Number of channels before, r.
    var rank: Int { hidden.shape[3] }
    /// [C, r]
    var weight: Tensor { last.weight.tensor.reshaped(Array(last.weight.shape.prefix(2))) }
    /// [C], or nil.
    var bias: Tensor? { last.bias?.tensor }

    /// Those of some of the prompts.
    func sliced(_ range: Range<Int>) -> DensePrompts {
        DensePrompts(hidden: hidden.sliced(axis: 0, range: range), last: last)
    }
}
