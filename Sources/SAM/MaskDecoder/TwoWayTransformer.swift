internal import Layers
internal import Tensors

/// The mask decoder's transformer: two-way layers, then the tokens attend to the image once more.
struct TwoWayTransformer: Module {
    private let layers: [TwoWayAttentionBlock]
    private let finalTokenToImage: DecoderAttention
    private let finalNorm: LayerNorm

    init(name: String, _ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        layers = (0..<configuration.transformerDepth).map { index in
            TwoWayAttentionBlock(
                name: "\(name).layers.\(index)", configuration, isFirst: index == 0, from: initializer)
        }
        finalTokenToImage = DecoderAttention(
            name: "\(name).final_attn_token_to_image", dim: configuration.promptEmbedDim,
            numHeads: configuration.transformerNumHeads, downsampleRate: configuration.attentionDownsampleRate,
            from: initializer)
        finalNorm = LayerNorm(
            "\(name).norm_final_attn", channels: configuration.promptEmbedDim, epsilon: 1e-5, from: initializer)
    }

    /// - Parameters:
    ///   - tokens: [P, N, C].
    ///   - image: what prompts share, and their masks.
    ///   - imagePosition: [G * G, C].
    ///   - projected: of ``projections(of:position:prompts:tokens:)``, or nil.
    ///   - asked: the A tokens, of the N, whose answers are wanted. The last attention, where no token looks at another, is
    ///     that of these alone: a prompt of many points costs no more there than one of a single point.
    /// - Returns: the asked tokens one after the other, [P, A, C], and the image [P, G * G, C].
    func callAsFunction(
        tokens: Tensor, image: DecoderImage, imagePosition: Tensor, projected: ImageProjections?, asked: [Range<Int>]
    ) -> (tokens: Tensor, image: Tensor) {
        var (queries, keys) = layers[0](
            queries: tokens, image: image, keyPosition: imagePosition, projected: projected)
        for layer in layers.dropFirst() {
            (queries, keys) = layer(
                queries: queries, keys: keys, queryPosition: tokens, keyPosition: imagePosition)
        }
        func picked(_ all: Tensor) -> Tensor {
            Tensor.concatenated(asked.map { all.sliced(axis: 1, range: $0) }, axis: 1)
        }
        queries = picked(queries)
        let answer = finalTokenToImage.answer(
            tokens: queries + picked(tokens), image: keys, position: imagePosition)
        return (finalNorm(queries + answer), keys)
    }

    /// What the first layer makes of an embedding, [G * G, C], whatever the prompts; nil where such prompts would not share
    /// it.
    func projections(
        of embedding: Tensor, position: Tensor, prompts: Int, tokens: Int, rank: Int
    ) -> EmbeddingProjections? {
        layers[0].sharesImage(prompts: prompts, tokens: tokens, rank: rank)
            ? layers[0].projections(of: embedding, position: position) : nil
    }

    /// What the first layer makes of what prompts share of an image; see
    /// ``TwoWayAttentionBlock/projections(of:position:prompts:tokens:)``.
    func projections(of image: DecoderImage, position: Tensor, prompts: Int, tokens: Int) -> ImageProjections? {
        layers[0].projections(of: image, position: position, prompts: prompts, tokens: tokens)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        for layer in layers { layer.forEachParameter(body) }
        finalTokenToImage.forEachParameter(body)
        finalNorm.forEachParameter(body)
    }
}
