internal import Layers
internal import Tensors

/// A mask prompt's logits at a quarter of their size: two convolutions of stride 2 with norm and GELU, then 1 x 1.
struct MaskDownscaling: Module {
    private let first: PatchConvolution
    private let firstNorm: LayerNorm
    private let second: PatchConvolution
    private let secondNorm: LayerNorm
    private let last: PatchConvolution

    init(name: String, channels: Int, dim: Int, from initializer: WeightInitializer) {
        first = PatchConvolution("\(name).0", inputs: 1, outputs: channels / 4, size: 2, from: initializer)
        firstNorm = LayerNorm("\(name).1", channels: channels / 4, epsilon: 1e-6, from: initializer)
        second = PatchConvolution("\(name).3", inputs: channels / 4, outputs: channels, size: 2, from: initializer)
        secondNorm = LayerNorm("\(name).4", channels: channels, epsilon: 1e-6, from: initializer)
        last = PatchConvolution("\(name).6", inputs: channels, outputs: dim, size: 1, from: initializer)
    }

    /// - Parameter masks: logits [P, L, L].
    /// - Returns: of G = L / 4.
    func callAsFunction(_ masks: Tensor) -> DensePrompts {
        let half = firstNorm(first(masks.reshaped(masks.shape + [1]))).gelu()
        return DensePrompts(hidden: secondNorm(second(half)).gelu(), last: last)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        first.forEachParameter(body)
        firstNorm.forEachParameter(body)
        second.forEachParameter(body)
        secondNorm.forEachParameter(body)
        last.forEachParameter(body)
    }
}
