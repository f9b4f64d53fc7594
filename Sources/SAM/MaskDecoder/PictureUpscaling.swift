internal import Layers
internal import Tensors

/// A picture at four times its side: two transposed convolutions with norm and GELU between them.
struct PictureUpscaling: Module {
    private let first: TransposedConvolution2x2
    private let norm: LayerNorm
    private let second: TransposedConvolution2x2

    /// - Parameter widths: channels before, between and after the convolutions.
    init(name: String, widths: (Int, Int, Int), from initializer: WeightInitializer) {
        first = TransposedConvolution2x2("\(name).0", inputs: widths.0, outputs: widths.1, from: initializer)
        norm = LayerNorm("\(name).1", channels: widths.1, epsilon: 1e-6, from: initializer)
        second = TransposedConvolution2x2("\(name).3", inputs: widths.1, outputs: widths.2, from: initializer)
    }

    /// - Parameter x: [B, H, W, in].
    /// - Returns: [B, 4 H, 4 W, out].
    func callAsFunction(_ x: Tensor) -> Tensor { second(norm(first(x)).gelu()) }

    func forEachParameter(_ body: (Parameter) -> Void) {
        first.forEachParameter(body)
        norm.forEachParameter(body)
        second.forEachParameter(body)
    }
}
