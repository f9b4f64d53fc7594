internal import Layers
internal import Tensors

/// From the encoder's width to the prompts': 1 x 1 convolution, norm, 3 x 3 convolution, norm; no biases.
struct EncoderNeck: Module {
    private let reduce: PatchConvolution
    private let norm1: LayerNorm
    private let mix: Convolution3x3
    private let norm2: LayerNorm

    init(name: String, inputs: Int, outputs: Int, from initializer: WeightInitializer) {
        reduce = PatchConvolution(
            "\(name).0", inputs: inputs, outputs: outputs, size: 1, hasBias: false, from: initializer)
        norm1 = LayerNorm("\(name).1", channels: outputs, epsilon: 1e-6, from: initializer)
        mix = Convolution3x3("\(name).2", inputs: outputs, outputs: outputs, hasBias: false, from: initializer)
        norm2 = LayerNorm("\(name).3", channels: outputs, epsilon: 1e-6, from: initializer)
    }

    /// - Parameter tokens: [B, G, G, D].
    /// - Returns: [B, G, G, C].
    func callAsFunction(_ tokens: Tensor) -> Tensor { norm2(mix(norm1(reduce(tokens)))) }

    func forEachParameter(_ body: (Parameter) -> Void) {
        reduce.forEachParameter(body)
        norm1.forEachParameter(body)
        mix.forEachParameter(body)
        norm2.forEachParameter(body)
    }
}
