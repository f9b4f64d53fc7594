private import KernelABI
internal import Layers
internal import Tensors

/// One transformer block of the ViT: `x = x + attention(norm1(x)); x = x + mlp(norm2(x))`, the attention in windows or over all.
struct ViTBlock: EncoderBlock {
    private let norm1: LayerNorm
    private let attention: ViTAttention
    private let norm2: LayerNorm
    private let mlp: MLP

    init(name: String, _ configuration: ViTConfiguration, index: Int, from initializer: WeightInitializer) {
        let dim = configuration.embedDim
        let hidden = configuration.mlpDim(ofBlock: index)
        norm1 = LayerNorm("\(name).norm1", channels: dim, epsilon: 1e-6, from: initializer)
        attention = ViTAttention(name: "\(name).attn", configuration, block: index, from: initializer)
        norm2 = LayerNorm("\(name).norm2", channels: dim, epsilon: 1e-6, from: initializer)
        mlp = MLP(
            [
                Linear("\(name).mlp.lin1", inputs: dim, outputs: hidden, from: initializer),
                Linear("\(name).mlp.lin2", inputs: hidden, outputs: dim, from: initializer),
            ], activation: .gelu)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        let sum = tokens + attention(norm1(tokens))
        return sum + mlp(norm2(sum))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        norm1.forEachParameter(body)
        attention.forEachParameter(body)
        norm2.forEachParameter(body)
        mlp.forEachParameter(body)
    }
}
