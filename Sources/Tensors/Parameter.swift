package import Kernels

/// A weight of a model: a named value, and the gradient that training gathers for it.
///
/// `@unchecked Sendable`: a model is either being trained by one thread, or only read.
package final class Parameter: @unchecked Sendable {
    /// The full path in a checkpoint, such as `image_encoder.blocks.0.attn.qkv.weight`.
    package let name: String
    /// The weight itself; another value must have the same shape.
    ///
    /// Of a weight that is kept in 16 bits, a copy.
    package var value: Tensor {
        get { half?.tensor ?? whole }
        set {
            precondition(newValue.shape == shape, "\(name) has shape \(shape), not \(newValue.shape)")
            whole = newValue
            half = nil
            version += 1
        }
    }
    /// Without elements while the weight is kept in 16 bits.
    private var whole: Tensor
    private var half: HalfTensor?
    /// Whether operations that use the parameter record a gradient for it.
    package var isTrainable: Bool {
        didSet { precondition(half == nil || !isTrainable, "\(name) is kept in 16 bits and cannot be trained") }
    }
    /// How often the value was changed: what is made of it and kept is held against this.
    package private(set) var version = 0
    /// Whether it counts something: checkpoints keep it as a 64-bit integer. Exact up to 2^24.
    package let isCount: Bool
    /// Whether it is the weight of a linear layer, [out, in], which updates of low rank can be attached to.
    package var isMatrix = false
    /// What is added to the weight wherever it is used. `value` is without it.
    package private(set) var updates: [LowRankUpdate] = []
    private let leaf: TapeNode

    package init(name: String, value: Tensor, isTrainable: Bool = true, isCount: Bool = false) {
        self.name = name
        self.whole = value.detached
        self.isTrainable = isTrainable
        self.isCount = isCount
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
        precondition(half == nil, "\(name) is kept in 16 bits, to be read only")
        whole.withUnsafeMutableBuffer(body)
        version += 1
    }

    /// Rounds the weight to 16 bits and keeps it so, in half the memory: for predicting, since a weight that is trained
    /// needs all its digits.
    package func narrow(to format: ElementFormat) {
        if format == .float32 { return }
        isTrainable = false
        half = HalfTensor(value, format: format)
        whole = Tensor(shape: [0]) { _ in }
        version += 1
    }

    /// Adds updates to what operations use from now on, in place of those that were attached.
    package func attach(_ updates: [LowRankUpdate]) {
        precondition(updates.isEmpty || isMatrix, "\(name) is no matrix that low-rank updates can be attached to")
        precondition(
            updates.allSatisfy { $0.factors.fits(shape) }, "updates do not fit \(name), which has shape \(shape)")
        self.updates = updates
        version += 1
    }

    /// Whether operations that use the parameter record anything: for itself, or for an update that is attached to it.
    package var isLearning: Bool {
        isTrainable || updates.contains { $0.a.isTrainable || $0.b.isTrainable }
    }

    /// The value as an operand, updates included: tied to the tape only while there is something to learn.
    package var tensor: Tensor { updates.isEmpty ? plainTensor : plainTensor.adding(updates.map(\.factors)) }

    /// The same without the updates.
    package var plainTensor: Tensor {
        isTrainable && half == nil ? Tensor(shape: whole.shape, storage: whole.storage, node: leaf) : value
    }
}
