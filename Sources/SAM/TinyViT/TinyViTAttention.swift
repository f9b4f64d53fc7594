internal import Layers
internal import Tensors

/// The attention of a TinyViT block: norm, multi-head self-attention in windows, projection.
///
/// Windows are filled up with zeros before the norm, so that a place without a token has the norm's bias; it is not masked.
/// A head's score gains a learnt value for each distance of two tokens.
struct TinyViTAttention: Module {
    private let attentionBiases: Parameter
    private let norm: LayerNorm
    private let qkv: Linear
    private let proj: Linear
    private let numHeads: Int
    private let windowSize: Int

    init(name: String, _ parts: TinyViTParts, stage: Int) {
        let dim = parts.configuration.embedDims[stage]
        numHeads = parts.configuration.numHeads[stage]
        windowSize = parts.configuration.windowSizes[stage]
        attentionBiases = parts.initializer.constant(
            "\(name).attention_biases", shape: [numHeads, windowSize * windowSize], 0)
        norm = LayerNorm("\(name).norm", channels: dim, epsilon: 1e-5, from: parts.initializer)
        qkv = Linear("\(name).qkv", transformer: dim, 3 * dim, from: parts.initializer)
        proj = Linear("\(name).proj", transformer: dim, dim, from: parts.initializer)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        let mixed = qkv(norm(tokens)).windowSelfAttention(
            heads: numHeads, window: windowSize, padding: padding(for: tokens.shape), offsets: attentionBiases.tensor)
        return proj(mixed)
    }

    /// The projection of a place without a token: of the norm's bias. Nothing flows back from where there is none.
    private func padding(for shape: [Int]) -> Tensor {
        let channels = shape[3]
        if shape[1] % windowSize == 0 && shape[2] % windowSize == 0 { return Tensor(zeros: [3 * channels]) }
        return qkv(norm.bias.tensor.reshaped([1, channels])).reshaped([3 * channels])
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        body(attentionBiases)
        norm.forEachParameter(body)
        qkv.forEachParameter(body)
        proj.forEachParameter(body)
    }
}
