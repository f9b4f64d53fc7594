internal import Layers
internal import Tensors

/// Multi-head attention between two sets of tokens, narrower inside than outside where a rate above 1 asks for it.
///
/// Shapes: P prompts, C width outside. One side may be shared by all prompts (first axis 1): what depends on it alone is
/// then computed once.
struct DecoderAttention: Module {
    private let queryProjection: Linear
    private let keyProjection: Linear
    private let valueProjection: Linear
    private let outProjection: Linear
    private let numHeads: Int

    init(name: String, dim: Int, numHeads: Int, downsampleRate: Int, from initializer: WeightInitializer) {
        self.numHeads = numHeads
        let narrow = dim / downsampleRate
        queryProjection = Linear("\(name).q_proj", inputs: dim, outputs: narrow, from: initializer)
        keyProjection = Linear("\(name).k_proj", inputs: dim, outputs: narrow, from: initializer)
        valueProjection = Linear("\(name).v_proj", inputs: dim, outputs: narrow, from: initializer)
        outProjection = Linear("\(name).out_proj", inputs: narrow, outputs: dim, from: initializer)
    }

    /// - Parameters:
    ///   - query: [P or 1, Nq, C].
    ///   - key: [P or 1, Nk, C].
    ///   - value: the shape of `key`.
    /// - Returns: [P, Nq, C].
    func callAsFunction(query: Tensor, key: Tensor, value: Tensor) -> Tensor {
        attend(query: query, keys: keyProjection(key), values: valueProjection(value))
    }

    /// Attention to keys and values that are projected already.
    private func attend(query: Tensor, keys: Tensor, values: Tensor) -> Tensor {
        let prompts = max(query.shape[0], keys.shape[0])
        let count = query.shape[1]
        var queries = queryProjection(query)
        let width = queries.shape[2]
        if keys.shape[0] < prompts {
            // Softmax is over keys, so queries of all prompts may stand in one long list before shared keys.
            queries = queries.reshaped([1, prompts * count, width])
        } else if query.shape[0] < prompts {
            queries = queries.repeatedLeading(prompts).reshaped([prompts, count, width])
        }
        let mixed = Tensor.attention(query: queries, key: keys, value: values, heads: numHeads)
        return outProjection(mixed.reshaped([prompts, count, width]))
    }

    /// Whether folding the projections into so many tokens takes less time than projecting the image.
    ///
    /// Each of the image's projections costs its cells times the inner width, folded ones times heads times tokens. At SAM's
    /// width twice as many are worth it: what is projected has to go through memory, and what is folded does not.
    func isFoldable(tokens: Int) -> Bool {
        let inner = queryProjection.weight.shape[0]
        return numHeads * tokens <= (inner >= 128 ? 2 : 1) * inner
    }

    private var scale: Float {
        1 / Float(queryProjection.weight.shape[0] / numHeads).squareRoot()
    }

    /// What tokens learn from the image: folded where that is less work, else by projecting the image, which prompts that
    /// share it do once for all.
    ///
    /// - Parameters:
    ///   - tokens: [P, N, C].
    ///   - image: [P or 1, K, C].
    ///   - position: [K, C].
    ///   - projected: keys and values of the image where somebody has them, of ``projections(of:position:)``.
    /// - Returns: [P, N, C].
    func answer(
        tokens: Tensor, image: Tensor, position: Tensor, projected: (keys: Tensor, values: Tensor)? = nil
    ) -> Tensor {
        let isShared = image.shape[0] < tokens.shape[0]
        if !isShared && isFoldable(tokens: tokens.shape[1]) {
            return tokensToImage(tokens: tokens, image: image, position: position)
        }
        let (keys, values) = projected ?? projections(of: image, position: position)
        return attend(query: tokens, keys: keys, values: values)
    }

    /// Whether it takes less time to project what prompts share of an image once, and to fold what each adds into its tokens,
    /// than to treat each prompt's image for itself.
    ///
    /// The projections cost their cells times the inner width, once; folded ones heads times tokens for each prompt. Narrow
    /// attentions do not win enough, and the operations want whole registers of channels.
    ///
    /// - Parameter rank: channels that each prompt adds; 0: none.
    func sharesImage(prompts: Int, tokens: Int, rank: Int) -> Bool {
        let inner = queryProjection.weight.shape[0]
        return inner >= 128 && inner / numHeads % 16 == 0 && rank % 16 == 0
            && prompts * tokens * numHeads >= 2 * inner
    }

    /// Keys and values of an image: what does not depend on the prompts where these share it.
    func projections(of image: Tensor, position: Tensor) -> (keys: Tensor, values: Tensor) {
        projections(of: image, placed: image + position)
    }

    /// The same where the image with its positions is at hand.
    func projections(of image: Tensor, placed: Tensor) -> (keys: Tensor, values: Tensor) {
        (keyProjection(placed), valueProjection(image))
    }

    /// The same as attention of `tokens` to `image + position` with the values `image`, the projections of keys and values
    /// folded into the tokens. The bias of the keys adds the same to all of a token's scores, which softmax does not see.
    ///
    /// - Parameters:
    ///   - tokens: [P, N, C].
    ///   - image: [P, K, C].
    ///   - position: [K, C].
    /// - Returns: [P, N, C].
    private func tokensToImage(tokens: Tensor, image: Tensor, position: Tensor) -> Tensor {
        let folded = queryProjection(tokens)
            .foldedIntoHeads(keyProjection.weight.tensor, heads: numHeads, scale: scale)
        var mixed = folded.attendingToImage(image, position: position)
            .unfoldedFromHeads(valueProjection.weight.tensor, heads: numHeads)
        if let bias = valueProjection.bias { mixed = mixed + bias.tensor }
        return outProjection(mixed)
    }

    /// What an image with its positions asks of tokens: [K, D] of [K, C].
    func queries(of placed: Tensor) -> Tensor { queryProjection(placed) }

    /// What a row, [1, C], adds to each key: [D]. The bias is in the keys already.
    func keyMove(_ row: Tensor) -> Tensor { Self.move(row, keyProjection) }

    /// What a row, [1, C], adds to each value: [D].
    func valueMove(_ row: Tensor) -> Tensor { Self.move(row, valueProjection) }

    /// What a row, [1, C], adds to each query: [D].
    func queryMove(_ row: Tensor) -> Tensor { Self.move(row, queryProjection) }

    private static func move(_ row: Tensor, _ projection: Linear) -> Tensor {
        row.matmul(projection.weight.tensor, transposeB: true).reshaped([projection.weight.shape[0]])
    }

    /// A projection as the heads see it of an image with channels of its own for each prompt: rows of the identity, then of
    /// the projection of those channels, [D, d + r].
    private func headWeight(_ projection: Linear, _ masks: DensePrompts?) -> Tensor {
        let inner = projection.weight.shape[0]
        let size = inner / numHeads
        var identity = [Float](repeating: 0, count: inner * size)
        for row in 0..<inner { identity[row * size + row % size] = 1 }
        let own = Tensor(identity, shape: [inner, size])
        guard let masks else { return own }
        return Tensor.concatenated([own, projection.weight.tensor.matmul(masks.weight)], axis: 1)
    }

    /// The same as attention of `tokens` to the image and its positions, of whose projections those of what prompts share
    /// are known.
    ///
    /// - Parameters:
    ///   - tokens: [P, N, C].
    ///   - image: the prompts' masks.
    ///   - projected: of the shared part.
    /// - Returns: [P, N, C].
    func answer(tokens: Tensor, image: DecoderImage, projected: ImageProjections) -> Tensor {
        let shape = Array(projected.keys.shape.dropFirst())
        let picture = SharedHeads(
            keys: projected.keys.reshaped(shape), values: projected.values.reshaped(shape), own: image.own)
        let mixed = queryProjection(tokens)
            .foldedIntoHeads(headWeight(keyProjection, image.masks), heads: numHeads, scale: scale)
            .attendingToSharedImage(picture, heads: numHeads)
            .unfoldedFromHeads(headWeight(valueProjection, image.masks), heads: numHeads)
        return outProjection(mixed)
    }

    /// ``imageToTokens(image:position:keys:values:norm:)`` of an image of which what prompts share is projected already.
    ///
    /// - Parameters:
    ///   - image: the prompts' masks.
    ///   - asking: what prompts share, and its queries.
    ///   - keys: [P, N, C].
    ///   - values: [P, N, C].
    ///   - norm: over C.
    /// - Returns: [P, K, C].
    func imageToTokens(
        image: DecoderImage, asking: (image: Tensor, queries: Tensor), keys: Tensor, values: Tensor, norm: LayerNorm
    ) -> Tensor {
        let folded = keyProjection(keys)
            .foldedIntoHeads(headWeight(queryProjection, image.masks), heads: numHeads, scale: scale)
        let own = image.own.flatMap { own in
            image.masks.map { (channels: own, weight: $0.weight.permuted([1, 0])) }
        }
        return asking.image.updatedByTokens(
            answers(keys: folded, keyBias: nil, values: values, norm: norm), heads: numHeads,
            cells: SharedCells(queries: asking.queries, own: own))
    }

    /// Keys with what follows the tokens' answer, the projection of which is folded into the values.
    private func answers(keys: Tensor, keyBias: Tensor?, values: Tensor, norm: LayerNorm) -> FoldedTokens {
        let folded = valueProjection(values)
            .foldedIntoHeads(outProjection.weight.tensor, heads: numHeads, isTransposed: true)
        return FoldedTokens(
            keys: keys, keyBias: keyBias, values: folded,
            bias: outProjection.bias?.tensor ?? Tensor(zeros: [folded.shape[2]]), normWeight: norm.weight.tensor,
            normBias: norm.bias.tensor, epsilon: norm.epsilon)
    }

    /// `norm(image + answer)`, the answer that of attention of `image + position` to `keys` with the values `values`; all
    /// projections of the image folded into the tokens.
    ///
    /// - Parameters:
    ///   - image: [P or 1, K, C].
    ///   - position: [K, C].
    ///   - keys: [P, N, C].
    ///   - values: [P, N, C].
    ///   - norm: over C.
    /// - Returns: [P, K, C].
    func imageToTokens(image: Tensor, position: Tensor, keys: Tensor, values: Tensor, norm: LayerNorm) -> Tensor {
        let inner = queryProjection.weight.shape[0]
        let projected = keyProjection(keys)
        let folded = projected.foldedIntoHeads(queryProjection.weight.tensor, heads: numHeads, scale: scale)
        let rows = Array(folded.shape.dropLast())
        let keyBias =
            queryProjection.bias.map {
                projected.foldedIntoHeads($0.tensor.reshaped([inner, 1]), heads: numHeads, scale: scale)
                    .reshaped(rows)
            } ?? Tensor(zeros: rows)
        return image.updatedByTokens(
            answers(keys: folded, keyBias: keyBias, values: values, norm: norm), heads: numHeads, position: position)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        queryProjection.forEachParameter(body)
        keyProjection.forEachParameter(body)
        valueProjection.forEachParameter(body)
        outProjection.forEachParameter(body)
    }
}
