package import Tensors

/// Layer normalisation over the last axis; on pictures, whose last axis is the channels, the reference's LayerNorm2d.
package struct LayerNorm: Module {
    /// [C], at first 1.
    package let weight: Parameter
    /// [C], at first 0.
    package let bias: Parameter
    package let epsilon: Float

    /// - Parameters:
    ///   - name: path in a checkpoint, to which `.weight` and `.bias` are added.
    ///   - channels: C.
    ///   - epsilon: 1e-6 in SAM's image encoder, neck and mask paths; 1e-5 in its two-way transformer.
    ///   - initializer: makes the parameters.
    package init(_ name: String, channels: Int, epsilon: Float, from initializer: WeightInitializer) {
        weight = initializer.constant(name + ".weight", shape: [channels], 1)
        bias = initializer.constant(name + ".bias", shape: [channels], 0)
        self.epsilon = epsilon
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(weight: weight.tensor, bias: bias.tensor, epsilon: epsilon)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        body(bias)
    }
}
