internal import Layers
internal import Tensors

/// The image at four times the side: two transposed convolutions, norm after the first, GELU after both.
struct OutputUpscaling: Module {
    private let first: TransposedConvolution2x2
    private let norm: LayerNorm
    private let second: TransposedConvolution2x2

    init(name: String, dim: Int, from initializer: WeightInitializer) {
        first = TransposedConvolution2x2("\(name).0", inputs: dim, outputs: dim / 4, from: initializer)
        norm = LayerNorm("\(name).1", channels: dim / 4, epsilon: 1e-6, from: initializer)
        second = TransposedConvolution2x2("\(name).3", inputs: dim / 4, outputs: dim / 8, from: initializer)
    }

    /// - Parameter image: [P, G, G, C].
    /// - Returns: [P, 4 G, 4 G, C / 8].
    func callAsFunction(_ image: Tensor) -> Tensor { second(norm(first(image)).gelu()).gelu() }

    func forEachParameter(_ body: (Parameter) -> Void) {
        first.forEachParameter(body)
        norm.forEachParameter(body)
        second.forEachParameter(body)
    }
}
