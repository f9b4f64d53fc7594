private import KernelABI
internal import Layers
internal import Tensors

/// One transformer block of the plain ViT: `x = x + attention(norm1(x)); x = x + mlp(norm2(x))`, each token attending to all.
struct PlainViTBlock: EncoderBlock {
    private let norm1: LayerNorm
    private let qkv: Linear
    private let proj: Linear
    private let numHeads: Int
    private let norm2: LayerNorm
    private let mlp: MLP

    init(name: String, _ configuration: PlainViTConfiguration, from initializer: WeightInitializer) {
        let dim = configuration.embedDim
        norm1 = LayerNorm("\(name).norm1", channels: dim, epsilon: 1e-6, from: initializer)
        qkv = Linear("\(name).attn.qkv", inputs: dim, outputs: 3 * dim, from: initializer)
        proj = Linear("\(name).attn.proj", inputs: dim, outputs: dim, from: initializer)
        numHeads = configuration.numHeads
        norm2 = LayerNorm("\(name).norm2", channels: dim, epsilon: 1e-6, from: initializer)
        mlp = MLP(
            [
                Linear("\(name).mlp.fc1", inputs: dim, outputs: configuration.mlpDim, from: initializer),
                Linear("\(name).mlp.fc2", inputs: configuration.mlpDim, outputs: dim, from: initializer),
            ], activation: .gelu)
    }

    /// - Parameter tokens: [B, N, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        let sum = tokens + proj(Tensor.selfAttention(qkv: qkv(norm1(tokens)), heads: numHeads))
        return sum + mlp(norm2(sum))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        norm1.forEachParameter(body)
        qkv.forEachParameter(body)
        proj.forEachParameter(body)
        norm2.forEachParameter(body)
        mlp.forEachParameter(body)
    }
}
