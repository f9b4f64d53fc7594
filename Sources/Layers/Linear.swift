package import KernelABI
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
        weight.isMatrix = true
    }

    /// Weights as vision transformers start from: normal with a deviation of 0.02, biases zero.
    package init(
        _ name: String, transformer inputs: Int, _ outputs: Int, from initializer: WeightInitializer
    ) {
        weight = initializer.truncatedNormal(name + ".weight", shape: [outputs, inputs])
        bias = initializer.constant(name + ".bias", shape: [outputs], 0)
        weight.isMatrix = true
    }

    /// With updates of low rank at the weight it has one form always, whether anything is recorded or not, so that what is
    /// computed again comes out the same.
    ///
    /// - Parameters:
    ///   - x: [..., in]
    ///   - activation: of the result.
    /// - Returns: [..., out]
    package func callAsFunction(_ x: Tensor, activation: Activation = .identity) -> Tensor {
        if weight.updates.isEmpty {
            return x.linear(weight: weight.tensor, bias: bias?.tensor, activation: activation)
        }
        let sum = x.linear(
            weight: weight.plainTensor, bias: bias?.tensor, adding: weight.updates.map(\.factors))
        return switch activation {
        case .identity: sum
        case .relu: sum.relu()
        case .gelu: sum.gelu()
        }
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        if let bias { body(bias) }
    }
}
