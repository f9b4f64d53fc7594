internal import Layers
internal import Tensors

/// From the image to masks at four times its side: two transposed convolutions, norm after the first, GELU after both,
/// and the product with one filter a mask.
///
/// Shapes: P prompts, M masks, G side of the token grid, C width of the prompts.
struct OutputUpscaling: Module {
    private let first: TransposedConvolution2x2
    private let norm: LayerNorm
    private let second: TransposedConvolution2x2
    /// Whether the norm is over a prompt's whole picture instead of a pixel's channels.
    private let normalisesPictures: Bool

    /// - Parameter name: path of the mask decoder.
    init(name: String, dim: Int, style: DecoderStyle, from initializer: WeightInitializer) {
        let layers = style.upscalingLayers(name)
        normalisesPictures = style == .efficientSAM
        first = TransposedConvolution2x2(layers.first, inputs: dim, outputs: dim / 4, from: initializer)
        norm = LayerNorm(
            layers.norm, channels: dim / 4, epsilon: normalisesPictures ? 1e-5 : 1e-6, from: initializer)
        second = TransposedConvolution2x2(layers.second, inputs: dim / 4, outputs: dim / 8, from: initializer)
    }

    /// - Parameters:
    ///   - image: [P, G * G, C].
    ///   - filters: one for each mask, [P, M, C / 8].
    ///   - grid: G.
    /// - Returns: the masks' logits, [P, M, 4 G, 4 G].
    func callAsFunction(_ image: Tensor, filters: Tensor, grid: Int) -> Tensor {
        if normalisesPictures { return pixels(image, grid: grid).filtered(by: filters) }
        return image.upscaledToMasks(
            UpscalingWeights(
                firstWeight: first.weight.tensor, firstBias: first.bias.tensor, normWeight: norm.weight.tensor,
                normBias: norm.bias.tensor, epsilon: norm.epsilon, secondWeight: second.weight.tensor,
                secondBias: second.bias.tensor), filters: filters, grid: grid)
    }

    /// What the filters are applied to: [P, 4 G, 4 G, C / 8].
    func pixels(_ image: Tensor, grid: Int) -> Tensor {
        let lifted = first(image.reshaped([image.shape[0], grid, grid, image.shape[2]]))
        let normed =
            normalisesPictures
            ? lifted.pictureNorm(weight: norm.weight.tensor, bias: norm.bias.tensor, epsilon: norm.epsilon)
            : norm(lifted)
        return second(normed.gelu()).gelu()
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        first.forEachParameter(body)
        norm.forEachParameter(body)
        second.forEachParameter(body)
    }
}

extension Tensor {
    /// Masks of a picture's pixels: `filters[p, m] · self[p, y, x]`.
    ///
    /// - Parameter filters: [P, M, C].
    /// - Returns: [P, M, H, W] of this tensor's [P, H, W, C].
    func filtered(by filters: Tensor) -> Tensor {
        let flat = reshaped([shape[0], shape[1] * shape[2], shape[3]])
        return filters.matmul(flat, transposeB: true)
            .reshaped([shape[0], filters.shape[1], shape[1], shape[2]])
    }
}
