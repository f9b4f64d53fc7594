internal import Layers
internal import Tensors

/// SAM-HQ's head: a token of its own, and masks of finer pixels that early tokens of the image encoder went into.
///
/// Shapes: P prompts, M masks, G side of the token grid, C width of the prompts, D width of the early tokens. Source: Ke et
/// al., "Segment anything in high quality", NeurIPS 2023; sam-hq `mask_decoder_hq.py`.
struct HighQualityHead: Module {
    private let hfToken: Embedding
    private let hfMLP: MLP
    private let compressViTFeat: PictureUpscaling
    private let embeddingEncoder: PictureUpscaling
    private let maskFeatureFirst: Convolution3x3
    private let maskFeatureNorm: LayerNorm
    private let maskFeatureLast: Convolution3x3

    /// - Parameters:
    ///   - name: path of the mask decoder.
    ///   - dim: C.
    ///   - earlyWidth: D.
    ///   - initializer: makes the parameters.
    init(name: String, dim: Int, earlyWidth: Int, from initializer: WeightInitializer) {
        hfToken = Embedding(name: "\(name).hf_token", rows: 1, dim: dim, from: initializer)
        hfMLP = DecoderStyle.sam.perceptron(
            DecoderStyle.sam.layers("\(name).hf_mlp", count: 3), widths: [dim, dim, dim, dim / 8], from: initializer)
        compressViTFeat = PictureUpscaling(
            name: "\(name).compress_vit_feat", widths: (earlyWidth, dim, dim / 8), from: initializer)
        embeddingEncoder = PictureUpscaling(
            name: "\(name).embedding_encoder", widths: (dim, dim / 4, dim / 8), from: initializer)
        let path = "\(name).embedding_maskfeature"
        maskFeatureFirst = Convolution3x3("\(path).0", inputs: dim / 8, outputs: dim / 4, from: initializer)
        maskFeatureNorm = LayerNorm("\(path).1", channels: dim / 4, epsilon: 1e-6, from: initializer)
        maskFeatureLast = Convolution3x3("\(path).3", inputs: dim / 4, outputs: dim / 8, from: initializer)
    }

    /// The token that asks for the finer mask, [1, C].
    var token: Tensor { hfToken.tensor }

    /// What the head makes of images, whatever the prompts: [B, 4 G, 4 G, C / 8].
    ///
    /// The bias of the last convolution, the same for every prompt too, is in it.
    func detail(of image: ImageFeatures) -> Tensor {
        guard let early = image.early else {
            preconditionFailure("the head of SAM-HQ reads early tokens of the image encoder, which are not there")
        }
        let sum = embeddingEncoder(image.embedding) + compressViTFeat(early)
        return maskFeatureLast.bias.map { sum + $0.tensor } ?? sum
    }

    /// The finer masks: the product of each prompt's filter with `convolution(gelu(norm(convolution(pixels)))) + detail`.
    ///
    /// The filter is folded into the last convolution, which then has one output instead of C / 8.
    ///
    /// - Parameters:
    ///   - pixels: of SAM's upscaling, [P, 4 G, 4 G, C / 8].
    ///   - detail: of one image, [1, 4 G, 4 G, C / 8].
    ///   - answers: the decoder's answers to the head's token, [P, C].
    /// - Returns: logits [P, 1, 4 G, 4 G].
    func masks(pixels: Tensor, detail: Tensor, answers: Tensor) -> Tensor {
        let filters = hfMLP(answers)
        let (prompts, side, width) = (pixels.shape[0], pixels.shape[1], pixels.shape[3])
        let hidden = maskFeatureNorm(maskFeatureFirst(pixels)).gelu()
        let channels = hidden.shape[3]
        let folded = filters.matmul(maskFeatureLast.weight.tensor.reshaped([width, channels * 9]))
            .reshaped([prompts, channels, 9]).permuted([0, 2, 1])
        let plain = filters.matmul(detail.reshaped([side * side, width]), transposeB: true)
        return (hidden.filtered3x3(by: folded) + plain.reshaped([prompts, side, side]))
            .reshaped([prompts, 1, side, side])
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        hfToken.forEachParameter(body)
        hfMLP.forEachParameter(body)
        compressViTFeat.forEachParameter(body)
        embeddingEncoder.forEachParameter(body)
        maskFeatureFirst.forEachParameter(body)
        maskFeatureNorm.forEachParameter(body)
        maskFeatureLast.forEachParameter(body)
    }
}
