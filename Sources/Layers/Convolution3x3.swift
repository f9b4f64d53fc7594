package import Tensors

/// A convolution of size 3, stride 1 and padding 1, on pictures with channels last.
package struct Convolution3x3: Module {
    /// [out, in, 3, 3]
    package let weight: Parameter
    /// [out], or nil.
    package let bias: Parameter?

    /// Weights from ±1 / sqrt(9 in), as PyTorch's Conv2d.
    package init(
        _ name: String, inputs: Int, outputs: Int, hasBias: Bool = true, from initializer: WeightInitializer
    ) {
        weight = initializer.fanInUniform(name + ".weight", shape: [outputs, inputs, 3, 3], fanIn: 9 * inputs)
        bias = hasBias ? initializer.fanInUniform(name + ".bias", shape: [outputs], fanIn: 9 * inputs) : nil
    }

    /// - Parameter x: [B, H, W, in]
    /// - Returns: [B, H, W, out]
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.convolution3x3(weight: weight.tensor, bias: bias?.tensor)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        if let bias { body(bias) }
    }
}
