/// A weight of a model: a named value, and the gradient that training gathers for it.
///
/// `@unchecked Sendable`: a model is either being trained by one thread, or only read.
package final class Parameter: @unchecked Sendable {
    /// The full path in a checkpoint, such as `image_encoder.blocks.0.attn.qkv.weight`.
    package let name: String
    /// The weight itself; another value must have the same shape.
    package var value: Tensor {
        didSet {
            precondition(value.shape == shape, "\(name) has shape \(shape), not \(value.shape)")
        }
    }
    /// Whether operations that use the parameter record a gradient for it.
    package var isTrainable: Bool
    private let leaf: TapeNode

    package init(name: String, value: Tensor, isTrainable: Bool = true) {
        self.name = name
        self.value = value.detached
        self.isTrainable = isTrainable
        self.leaf = TapeNode(leafOf: value.shape)
        self.count = value.count
    }

    package var shape: [Int] { leaf.shape }
    package let count: Int

    /// The sum of the gradients of all ``backward(_:seed:)`` runs since it was last set to nil.
    package var gradient: Tensor? {
        get { leaf.gradient }
        set { leaf.gradient = newValue?.detached }
    }

    /// Changes the value in place, as an optimiser does; what else holds the old value keeps a copy.
    package func withMutableElements(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        value.withUnsafeMutableBuffer(body)
    }

    /// The value as an operand: tied to the tape only while the parameter is trainable.
    package var tensor: Tensor {
        isTrainable ? Tensor(shape: value.shape, storage: value.storage, node: leaf) : value
    }
}
