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
        let prompts = max(query.shape[0], key.shape[0])
        let count = query.shape[1]
        var queries = queryProjection(query)
        let keys = keyProjection(key)
        let values = valueProjection(value)
        let width = queries.shape[2]
        if key.shape[0] < prompts {
            // Softmax is over keys, so queries of all prompts may stand in one long list before shared keys.
            queries = queries.reshaped([1, prompts * count, width])
        } else if query.shape[0] < prompts {
            queries = queries.repeatedLeading(prompts).reshaped([prompts, count, width])
        }
        let mixed = Tensor.attention(query: queries, key: keys, value: values, heads: numHeads)
        return outProjection(mixed.reshaped([prompts, count, width]))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        queryProjection.forEachParameter(body)
        keyProjection.forEachParameter(body)
        valueProjection.forEachParameter(body)
        outProjection.forEachParameter(body)
    }
}
