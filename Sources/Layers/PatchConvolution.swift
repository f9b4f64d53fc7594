package import Tensors

/// A convolution whose stride is its size, on pictures with channels last; with size 1, a linear layer on every pixel.
package struct PatchConvolution: Module {
    /// [out, in, size, size]
    package let weight: Parameter
    /// [out], or nil.
    package let bias: Parameter?

    /// Weights from ±1 / sqrt(in size²), as PyTorch's Conv2d.
    package init(
        _ name: String, inputs: Int, outputs: Int, size: Int, hasBias: Bool = true, from initializer: WeightInitializer
    ) {
        let fanIn = inputs * size * size
        weight = initializer.fanInUniform(name + ".weight", shape: [outputs, inputs, size, size], fanIn: fanIn)
        bias = hasBias ? initializer.fanInUniform(name + ".bias", shape: [outputs], fanIn: fanIn) : nil
    }

    /// - Parameter x: [B, H, W, in], H and W multiples of the size.
    /// - Returns: [B, H / size, W / size, out]
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.patchConvolution(weight: weight.tensor, bias: bias?.tensor)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        if let bias { body(bias) }
    }
}
