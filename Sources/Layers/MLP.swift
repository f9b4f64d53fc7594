package import KernelABI
package import Tensors

/// Linear layers with an activation between them, none after the last.
package struct MLP: Module {
    package let layers: [Linear]
    package let activation: Activation

    /// - Parameters:
    ///   - layers: at least one; their names are the model's (`mlp.lin1`, `layers.0`).
    ///   - activation: relu in SAM's decoder, gelu in its image encoder.
    package init(_ layers: [Linear], activation: Activation) {
        precondition(!layers.isEmpty, "an MLP has at least one layer")
        self.layers = layers
        self.activation = activation
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        last(layers.dropLast().reduce(x) { input, layer in layer(input, activation: activation) })
    }

    private var last: Linear { layers[layers.count - 1] }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        for layer in layers { layer.forEachParameter(body) }
    }
}
