internal import Layers
internal import Tensors

/// A block of the attention stages: `x = x + attention(x); x = localConvolution(x); x = x + mlp(norm(x))`, the convolution
/// of each channel alone, normalised, without an activation or a residual.
struct TinyViTBlock: EncoderBlock {
    private let attention: TinyViTAttention
    private let mlp: ResidualMLP
    private let localConvolution: ConvolutionBN

    init(name: String, _ parts: TinyViTParts, stage: Int) {
        let dim = parts.configuration.embedDims[stage]
        let hidden = parts.configuration.hiddenDim(ofStage: stage)
        attention = TinyViTAttention(name: "\(name).attn", parts, stage: stage)
        mlp = ResidualMLP(
            norm: LayerNorm("\(name).mlp.norm", channels: dim, epsilon: 1e-5, from: parts.initializer),
            first: Linear("\(name).mlp.fc1", transformer: dim, hidden, from: parts.initializer),
            second: Linear("\(name).mlp.fc2", transformer: hidden, dim, from: parts.initializer))
        localConvolution = parts.convolution("\(name).local_conv", .depthwise(stride: 1), dim, dim)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        mlp(localConvolution(tokens + attention(tokens)))
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        attention.forEachParameter(body)
        mlp.forEachParameter(body)
        localConvolution.forEachParameter(body)
    }
}
