private import KernelABI
internal import Layers
internal import Tensors

/// A block of the attention stages: `x = x + attention(x); x = localConvolution(x); x = x + mlp(norm(x))`, the convolution
/// of each channel alone, normalised, without an activation or a residual.
struct TinyViTBlock: Module {
    private let attention: TinyViTAttention
    private let norm: LayerNorm
    private let mlp: MLP
    private let localConvolution: ConvolutionBN

    init(name: String, _ parts: TinyViTParts, stage: Int) {
        let dim = parts.configuration.embedDims[stage]
        let hidden = parts.configuration.hiddenDim(ofStage: stage)
        attention = TinyViTAttention(name: "\(name).attn", parts, stage: stage)
        norm = LayerNorm("\(name).mlp.norm", channels: dim, epsilon: 1e-5, from: parts.initializer)
        mlp = MLP(
            [
                Linear("\(name).mlp.fc1", transformer: dim, hidden, from: parts.initializer),
                Linear("\(name).mlp.fc2", transformer: hidden, dim, from: parts.initializer),
            ], activation: .gelu)
        localConvolution = parts.convolution("\(name).local_conv", .depthwise(stride: 1), dim, dim)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        let mixed = localConvolution(tokens + attention(tokens))
        return mixed + mlp(norm(mixed))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        attention.forEachParameter(body)
        norm.forEachParameter(body)
        mlp.forEachParameter(body)
        localConvolution.forEachParameter(body)
    }
}
