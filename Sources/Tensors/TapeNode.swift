private import KernelABI
private import Kernels
private import Synchronization

/// One recorded operation, or a leaf: where the gradient of a tensor is gathered and passed on.
///
/// `@unchecked Sendable`: a tape is built and run backward by one thread at a time (operations are parallel inside, but
/// never touch nodes there).
package final class TapeNode: @unchecked Sendable {
    private static let counter = Atomic<UInt64>(0)

    /// Place in the order of recording: an operation comes after all its inputs.
    let order: UInt64
    /// Shape of the tensor, and of its gradient.
    let shape: [Int]
    /// Leaves keep their gradient; operations pass it on.
    let isLeaf: Bool
    /// Whether it stands for a tensor that exists only for this tape, to be kept as ``SavedActivations`` says: the result of
    /// an operation, or such a result that a checkpoint starts from.
    let isActivation: Bool
    /// What the operation depends on.
    private(set) var inputs: [TapeNode]
    /// The sum of what has flowed back so far.
    package var gradient: Tensor?
    private var pullback: ((Tensor) -> Void)?

    /// An operation's node.
    init(shape: [Int], inputs: [TapeNode], pullback: @escaping (Tensor) -> Void) {
        self.order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        self.shape = shape
        self.isLeaf = false
        self.isActivation = true
        self.inputs = inputs
        self.pullback = pullback
    }

    /// A leaf: a parameter, or an input whose gradient is wanted.
    ///
    /// - Parameter isActivation: whether an operation made the input.
    init(leafOf shape: [Int], isActivation: Bool = false) {
        self.order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        self.shape = shape
        self.isLeaf = true
        self.isActivation = isActivation
        self.inputs = []
    }

    /// A tape that is dropped without a backward run comes apart link by link, not by a recursion as deep as it is long.
    deinit {
        pullback = nil
        var pending = inputs
        inputs = []
        while var node = pending.popLast() {
            if isKnownUniquelyReferenced(&node) {
                // What the closure holds, the inputs hold too, so that nothing is freed here but the operation itself.
                node.pullback = nil
                pending += node.inputs
                node.inputs = []
            }
        }
    }

    /// Adds a gradient that is ready.
    func accumulate(_ part: Tensor) {
        precondition(part.shape == shape, "gradient of shape \(part.shape) for a tensor of shape \(shape)")
        guard gradient != nil else {
            gradient = part.detached
            return
        }
        accumulate { target, _ in
            ElementLoop.forEach(part.count) { range in
                ElementLoop.kernels.add(
                    target + range.lowerBound, part.base + range.lowerBound, target + range.lowerBound, range.count)
            }
        }
    }

    /// Adds a gradient that `write` computes: `target = computed + keep * target`, where keep is 0 (the target is
    /// undefined) or 1.
    func accumulate(_ write: (_ target: UnsafeMutablePointer<Float>, _ keep: Float) -> Void) {
        if var sum = gradient {
            gradient = nil
            sum.changeInPlace { write($0, 1) }
            gradient = sum
        } else {
            gradient = Tensor(shape: shape) { write($0, 0) }
        }
    }

    /// Hands the gathered gradient to the operation's inputs and lets go of all that the operation kept.
    func propagate() {
        guard let pullback else {
            preconditionFailure("backward ran twice over the same operation of shape \(shape)")
        }
        self.pullback = nil
        let ready = gradient
        gradient = nil
        if let ready { pullback(ready) }
        inputs = []
    }
}
