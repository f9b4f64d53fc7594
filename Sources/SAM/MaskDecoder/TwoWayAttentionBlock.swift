internal import Layers
internal import Tensors

/// One two-way layer: tokens attend to themselves and to the image, then the image attends to the tokens.
///
/// The layer norms' epsilon is 1e-5 here, PyTorch's default. Source: segment-anything `transformer.py`, EfficientSAM
/// `two_way_transformer.py`.
struct TwoWayAttentionBlock: Module {
    private let selfAttention: DecoderAttention
    private let norm1: LayerNorm
    private let tokenToImage: DecoderAttention
    private let norm2: LayerNorm
    private let mlp: MLP
    private let norm3: LayerNorm
    private let norm4: LayerNorm
    private let imageToToken: DecoderAttention
    private let isFirst: Bool
    private let style: DecoderStyle

    init(name: String, _ configuration: SAMConfiguration, isFirst: Bool, from initializer: WeightInitializer) {
        let dim = configuration.promptEmbedDim
        func attention(_ part: String, rate: Int) -> DecoderAttention {
            DecoderAttention(
                name: "\(name).\(part)", dim: dim, numHeads: configuration.transformerNumHeads, downsampleRate: rate,
                from: initializer)
        }
        func norm(_ index: Int) -> LayerNorm {
            LayerNorm("\(name).norm\(index)", channels: dim, epsilon: 1e-5, from: initializer)
        }
        self.isFirst = isFirst
        style = DecoderStyle(configuration.family)
        let rate = configuration.attentionDownsampleRate
        selfAttention = attention("self_attn", rate: 1)
        norm1 = norm(1)
        tokenToImage = attention("cross_attn_token_to_image", rate: rate)
        norm2 = norm(2)
        mlp = style.perceptron(
            style.blockLayers("\(name).mlp"), widths: [dim, configuration.transformerMLPDim, dim], from: initializer)
        norm3 = norm(3)
        norm4 = norm(4)
        imageToToken = attention("cross_attn_image_to_token", rate: rate)
    }

    /// - Parameters:
    ///   - queries: the tokens [P, N, C], as is `queryPosition`.
    ///   - keys: the image [P or 1, G * G, C].
    ///   - keyPosition: [G * G, C].
    ///   - projected: of ``projections(of:position:)`` for `keys`, where somebody has them.
    /// - Returns: tokens [P, N, C] and image [P, G * G, C].
    func callAsFunction(
        queries: Tensor, keys: Tensor, queryPosition: Tensor, keyPosition: Tensor,
        projected: (keys: Tensor, values: Tensor)? = nil
    ) -> (queries: Tensor, keys: Tensor) {
        var queries = norm1(attendingToThemselves(queries, position: queryPosition))
        queries = norm2(
            queries
                + tokenToImage.answer(
                    tokens: queries + queryPosition, image: keys, position: keyPosition, projected: projected))
        queries = norm3(queries + mlp(queries))

        let placed = queries + queryPosition
        if imageToToken.isFoldable(tokens: queries.shape[1]) {
            return (
                queries,
                imageToToken.imageToTokens(
                    image: keys, position: keyPosition, keys: placed, values: queries, norm: norm4)
            )
        }
        let answer = imageToToken(query: keys + keyPosition, key: placed, value: queries)
        // Where the image is shared by all prompts still, it is the side that is repeated.
        let isShared = keys.shape[0] < answer.shape[0]
        let sum = answer + (isShared ? keys.reshaped(Array(keys.shape.dropFirst())) : keys)
        return (queries, norm4(sum))
    }

    /// The tokens before the first norm.
    ///
    /// The first layer's tokens are their own position yet: none is added. There SAM replaces the tokens by the result.
    /// From the second layer on EfficientSAM makes the position a part of the tokens, values included.
    private func attendingToThemselves(_ queries: Tensor, position: Tensor) -> Tensor {
        switch (style, isFirst) {
        case (.sam, true): return selfAttention(query: queries, key: queries, value: queries)
        case (.sam, false):
            let placed = queries + position
            return queries + selfAttention(query: placed, key: placed, value: queries)
        case (.efficientSAM, _):
            let placed = isFirst ? queries : queries + position
            return placed + selfAttention(query: placed, key: placed, value: placed)
        }
    }

    /// What the tokens' attention makes of an image that all prompts share, once for all of them.
    func projections(of image: Tensor, position: Tensor) -> (keys: Tensor, values: Tensor) {
        tokenToImage.projections(of: image, position: position)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        selfAttention.forEachParameter(body)
        norm1.forEachParameter(body)
        tokenToImage.forEachParameter(body)
        norm2.forEachParameter(body)
        mlp.forEachParameter(body)
        norm3.forEachParameter(body)
        norm4.forEachParameter(body)
        imageToToken.forEachParameter(body)
    }
}
