package import Tensors

/// `y = x Wᵀ + b` over the last axis.
package struct Linear: Module {
    /// [out, in]
    package let weight: Parameter
    /// [out], or nil.
    package let bias: Parameter?

    /// Weights from ±1 / sqrt(in), as PyTorch's Linear; `name` is the path in a checkpoint, to which `.weight` and `.bias`
    /// are added.
    package init(_ name: String, inputs: Int, outputs: Int, hasBias: Bool = true, from initializer: WeightInitializer) {
        weight = initializer.fanInUniform(name + ".weight", shape: [outputs, inputs], fanIn: inputs)
        bias = hasBias ? initializer.fanInUniform(name + ".bias", shape: [outputs], fanIn: inputs) : nil
    }

    /// Weights as vision transformers start from: normal with a deviation of 0.02, biases zero.
    package init(
        _ name: String, transformer inputs: Int, _ outputs: Int, from initializer: WeightInitializer
    ) {
        weight = initializer.truncatedNormal(name + ".weight", shape: [outputs, inputs])
        bias = initializer.constant(name + ".bias", shape: [outputs], 0)
    }

    /// - Parameter x: [..., in]
    /// - Returns: [..., out]
    package func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight.tensor, bias: bias?.tensor) }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        if let bias { body(bias) }
    }
}
