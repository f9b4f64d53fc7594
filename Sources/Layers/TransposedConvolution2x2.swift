package import Tensors

/// A transposed convolution of size 2 and stride 2, on pictures with channels last: twice the height and width.
package struct TransposedConvolution2x2: Module {
    /// [in, out, 2, 2]
    package let weight: Parameter
    /// [out]
    package let bias: Parameter

    /// Weights from ±1 / sqrt(4 out), as PyTorch's ConvTranspose2d (which takes the second axis for the fan-in).
    package init(_ name: String, inputs: Int, outputs: Int, from initializer: WeightInitializer) {
        weight = initializer.fanInUniform(name + ".weight", shape: [inputs, outputs, 2, 2], fanIn: 4 * outputs)
        bias = initializer.fanInUniform(name + ".bias", shape: [outputs], fanIn: 4 * outputs)
    }

    /// - Parameter x: [B, H, W, in]
    /// - Returns: [B, 2H, 2W, out]
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.transposedConvolution2x2(weight: weight.tensor, bias: bias.tensor)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        body(bias)
    }
}
