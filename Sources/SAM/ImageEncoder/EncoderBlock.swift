private import KernelABI
internal import Layers
internal import Tensors

/// One transformer block: `x = x + attention(norm1(x)); x = x + mlp(norm2(x))`, the attention in windows or over all.
///
/// Windows are cut after `norm1` and filled up with zero tokens at the right and the bottom. These are not masked: their
/// keys and values equal the bias, as in the reference.
struct EncoderBlock: Module {
    private let norm1: LayerNorm
    private let attention: EncoderAttention
    private let norm2: LayerNorm
    private let mlp: MLP
    private let windowSize: Int

    init(name: String, _ configuration: SAMConfiguration, index: Int, from initializer: WeightInitializer) {
        let dim = configuration.embedDim
        windowSize = configuration.windowSize(ofBlock: index)
        norm1 = LayerNorm("\(name).norm1", channels: dim, epsilon: 1e-6, from: initializer)
        attention = EncoderAttention(name: "\(name).attn", configuration, block: index, from: initializer)
        norm2 = LayerNorm("\(name).norm2", channels: dim, epsilon: 1e-6, from: initializer)
        mlp = MLP(
            [
                Linear("\(name).mlp.lin1", inputs: dim, outputs: configuration.mlpDim, from: initializer),
                Linear("\(name).mlp.lin2", inputs: configuration.mlpDim, outputs: dim, from: initializer),
            ], activation: .gelu)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        var mixed = norm1(tokens)
        if windowSize > 0 {
            mixed = attention(mixed.windowPartition(size: windowSize))
                .windowUnpartition(height: tokens.shape[1], width: tokens.shape[2])
        } else {
            mixed = attention(mixed)
        }
        let sum = tokens + mixed
        return sum + mlp(norm2(sum))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        norm1.forEachParameter(body)
        attention.forEachParameter(body)
        norm2.forEachParameter(body)
        mlp.forEachParameter(body)
    }
}
