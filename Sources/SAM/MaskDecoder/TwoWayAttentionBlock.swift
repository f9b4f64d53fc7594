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
    ///   - projected: keys and values of `keys`, where somebody has them.
    /// - Returns: tokens [P, N, C] and image [P, G * G, C].
    func callAsFunction(
        queries: Tensor, keys: Tensor, queryPosition: Tensor, keyPosition: Tensor, projected: ImageProjections? = nil
    ) -> (queries: Tensor, keys: Tensor) {
        let queries = updated(queries, position: queryPosition) { placed in
            tokenToImage.answer(
                tokens: placed, image: keys, position: keyPosition, projected: projected.map { ($0.keys, $0.values) })
        }
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

    /// The first layer, whose image is the same for all prompts but for their masks.
    ///
    /// - Parameters:
    ///   - queries: the tokens [P, N, C], which are their own position.
    ///   - image: what prompts share, and their masks.
    ///   - keyPosition: [G * G, C].
    ///   - projected: of ``projections(of:position:prompts:tokens:)``, where somebody has them.
    /// - Returns: tokens [P, N, C] and image [P, G * G, C].
    func callAsFunction(
        queries: Tensor, image: DecoderImage, keyPosition: Tensor, projected: ImageProjections?
    ) -> (queries: Tensor, keys: Tensor) {
        let known =
            projected
            ?? (image.known != nil
                || sharesImage(prompts: queries.shape[0], tokens: queries.shape[1], rank: image.rank)
                ? sharedProjections(of: image, position: keyPosition) : nil)
        guard let known, let asking = known.asking else {
            return self(
                queries: queries, keys: image.whole, queryPosition: queries, keyPosition: keyPosition,
                projected: projected)
        }
        let changed = updated(queries, position: queries) { placed in
            tokenToImage.answer(tokens: placed, image: image, projected: known)
        }
        return (
            changed,
            imageToToken.imageToTokens(
                image: image, asking: asking, keys: changed + queries, values: changed, norm: norm4)
        )
    }

    /// The tokens after all that they learn in this layer.
    ///
    /// - Parameter answer: what tokens with their position, [P, N, C], learn from the image.
    private func updated(_ tokens: Tensor, position: Tensor, answer: (_ placed: Tensor) -> Tensor) -> Tensor {
        var queries = norm1(attendingToThemselves(tokens, position: position))
        queries = norm2(queries + answer(queries + position))
        return norm3(queries + mlp(queries))
    }

    /// Whether so many prompts share, in the first layer, what they can of an image; see
    /// ``DecoderAttention/sharesImage(prompts:tokens:rank:)``.
    func sharesImage(prompts: Int, tokens: Int, rank: Int) -> Bool {
        tokenToImage.sharesImage(prompts: prompts, tokens: tokens, rank: rank)
            && imageToToken.sharesImage(prompts: prompts, tokens: tokens, rank: rank)
    }

    private func sharedProjections(of image: DecoderImage, position: Tensor) -> ImageProjections {
        var parts = (image.known ?? projections(of: image.embedding, position: position)).tensors
        if let constant = image.constant {
            // A projection of the sum is the sum of the projections, that of the constant one row.
            let row = constant.reshaped([1, constant.count])
            let moves = [
                tokenToImage.keyMove(row), tokenToImage.valueMove(row), imageToToken.queryMove(row),
            ]
            parts = zip(parts, moves).map { $0 + $1 }
        }
        let axes = [1] + parts[0].shape
        return ImageProjections(
            keys: parts[0].reshaped(axes), values: parts[1].reshaped(axes), asking: (image.shared, parts[2]))
    }

    /// What this layer, as the first one, makes of an embedding, [G * G, C], whatever the prompts.
    func projections(of embedding: Tensor, position: Tensor) -> EmbeddingProjections {
        let placed = embedding + position
        let (keys, values) = tokenToImage.projections(of: embedding, placed: placed)
        return EmbeddingProjections([keys, values, imageToToken.queries(of: placed)])
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

    /// What this layer, as the first one, makes of what prompts share of an image: for many prompts, some at a time.
    ///
    /// - Parameters:
    ///   - image: what prompts share, and their masks.
    ///   - position: [G * G, C].
    ///   - prompts: that are treated at a time.
    ///   - tokens: of a prompt.
    /// - Returns: nil where prompts share nothing that is worth it.
    func projections(of image: DecoderImage, position: Tensor, prompts: Int, tokens: Int) -> ImageProjections? {
        if image.known != nil || sharesImage(prompts: prompts, tokens: tokens, rank: image.rank) {
            return sharedProjections(of: image, position: position)
        }
        if image.masks != nil { return nil }
        let (keys, values) = tokenToImage.projections(of: image.whole, position: position)
        return ImageProjections(keys: keys, values: values, asking: nil)
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
