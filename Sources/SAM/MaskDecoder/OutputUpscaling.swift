internal import Layers
internal import Tensors

/// From the image to masks at four times its side: two transposed convolutions, norm after the first, GELU after both,
/// and the product with one filter a mask.
struct OutputUpscaling: Module {
    private let first: TransposedConvolution2x2
    private let norm: LayerNorm
    private let second: TransposedConvolution2x2

    init(name: String, dim: Int, from initializer: WeightInitializer) {
        first = TransposedConvolution2x2("\(name).0", inputs: dim, outputs: dim / 4, from: initializer)
        norm = LayerNorm("\(name).1", channels: dim / 4, epsilon: 1e-6, from: initializer)
        second = TransposedConvolution2x2("\(name).3", inputs: dim / 4, outputs: dim / 8, from: initializer)
    }

    /// - Parameters:
    ///   - image: [P, G * G, C].
    ///   - filters: one for each mask, [P, M, C / 8].
    ///   - grid: G.
    /// - Returns: the masks' logits, [P, M, 4 G, 4 G].
    func callAsFunction(_ image: Tensor, filters: Tensor, grid: Int) -> Tensor {
        image.upscaledToMasks(
            UpscalingWeights(
                firstWeight: first.weight.tensor, firstBias: first.bias.tensor, normWeight: norm.weight.tensor,
                normBias: norm.bias.tensor, epsilon: norm.epsilon, secondWeight: second.weight.tensor,
                secondBias: second.bias.tensor), filters: filters, grid: grid)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        first.forEachParameter(body)
        norm.forEachParameter(body)
        second.forEachParameter(body)
    }
}
