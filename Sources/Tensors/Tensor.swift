internal import Kernels

/// A dense array of 32-bit floats, row-major and contiguous: a value, never changed after it is made.
///
/// Channels are the last axis everywhere (`[B, H, W, C]`, `[B, N, C]`). An operation on tensors that depend on a trainable
/// parameter records itself on the tape (``node``); on others it records nothing and keeps nothing.
package struct Tensor: Sendable {
    /// Sizes of the axes, outermost first; empty for a scalar.
    package let shape: [Int]
    /// Number of elements.
    package let count: Int
    /// What the gradient of this tensor flows back to, or nil where nothing trainable is behind it.
    package let node: TapeNode?
    private(set) var storage: Storage

    init(shape: [Int], storage: Storage, node: TapeNode?) {
        self.shape = shape
        self.count = shape.reduce(1, *)
        self.storage = storage
        self.node = node
    }

    /// A tensor whose elements `fill` writes, all of them.
    package init(shape: [Int], filledBy fill: (_ elements: UnsafeMutablePointer<Float>) -> Void) {
        precondition(shape.allSatisfy { $0 >= 0 }, "a tensor's shape holds no negative size: \(shape)")
        let storage = Storage(uninitialized: shape.reduce(1, *))
        if !storage.isSimulated { fill(storage.base) }
        self.init(shape: shape, storage: storage, node: nil)
    }

    /// All elements zero.
    package init(zeros shape: [Int]) { self.init(repeating: 0, shape: shape) }

    /// All elements equal.
    package init(repeating value: Float, shape: [Int]) {
        let count = shape.reduce(1, *)
        self.init(shape: shape) { $0.initialize(repeating: value, count: count) }
    }

    /// The elements of an array in row-major order.
    package init(_ values: [Float], shape: [Int]) {
        precondition(
            shape.reduce(1, *) == values.count, "\(values.count) values do not fill a tensor of shape \(shape)")
        self.init(shape: shape) { elements in
            values.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { elements.initialize(from: base, count: values.count) }
            }
        }
    }

    /// A scalar.
    package init(_ value: Float) { self.init([value], shape: []) }

    /// Number of axes.
    package var rank: Int { shape.count }

    /// The elements in row-major order, copied.
    package var values: [Float] { withUnsafeBuffer { Array($0) } }

    /// The only element.
    package var scalar: Float {
        precondition(count == 1, "a tensor of shape \(shape) is no scalar")
        return withUnsafeBuffer { $0[0] }
    }

    /// Calls `body` with the elements in row-major order.
    package func withUnsafeBuffer<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        if storage.isSimulated { return try withZeros { try body(UnsafeBufferPointer($0)) } }
        return try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(start: storage.base, count: count))
        }
    }

    /// Changes the elements in place where this is the only tensor that holds them; otherwise a copy is changed.
    package mutating func withUnsafeMutableBuffer<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        makeUnique()
        if storage.isSimulated { return try withZeros(body) }
        return try withExtendedLifetime(storage) {
            try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
        }
    }

    /// Changes the elements in place, as `withUnsafeMutableBuffer` does; in a simulation the change is left out.
    mutating func changeInPlace(_ change: (UnsafeMutablePointer<Float>) -> Void) {
        makeUnique()
        if !storage.isSimulated { withExtendedLifetime(storage) { change(storage.base) } }
    }

    /// Takes a copy of the elements where another tensor holds them too.
    private mutating func makeUnique() {
        if isKnownUniquelyReferenced(&storage) {
            storage.forgetCopies()
            return
        }
        let copy = Storage(uninitialized: count)
        if !copy.isSimulated { copy.base.initialize(from: storage.base, count: count) }
        storage = copy
    }

    /// Runs a computation on addresses of tensors that exist; in a simulation it is left out.
    static func compute(_ body: () -> Void) {
        if MemorySimulation.current == nil { body() }
    }

    /// Zeros in place of elements that a simulation does not have.
    private func withZeros<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        var zeros = [Float](repeating: 0, count: count)
        return try zeros.withUnsafeMutableBufferPointer { try body($0) }
    }

    /// The elements' address; valid while the tensor lives.
    var base: UnsafePointer<Float> { UnsafePointer(storage.base) }

    /// The elements in 16 bits: the copy that is kept already, or a new one.
    func sharedHalf(_ format: ElementFormat) -> HalfTensor {
        if let half = storage.half, storage.halfFormat == format {
            return HalfTensor(shape: shape, format: format, storage: half)
        }
        let half = HalfTensor(self, format: format, saturates: true)
        storage.note(half: half.storage, format: format)
        return half
    }

    /// The same elements with no tie to the tape.
    package var detached: Tensor { Tensor(shape: shape, storage: storage, node: nil) }

    /// The same elements as the start of a tape of their own: after ``backward(_:seed:)``, ``gradient`` holds the
    /// derivative with respect to them.
    package func asLeaf() -> Tensor { asLeaf(isActivation: false) }

    /// A leaf that may stand for the result of an operation on another tape.
    func asLeaf(isActivation: Bool) -> Tensor {
        Tensor(shape: shape, storage: storage, node: TapeNode(leafOf: shape, isActivation: isActivation))
    }

    /// The gradient that ``backward(_:seed:)`` left at a leaf, or nil.
    package var gradient: Tensor? { node?.gradient }

    /// Sizes without the last axis, multiplied.
    var rowCount: Int { shape.dropLast().reduce(1, *) }
    /// Size of the last axis, 1 for a scalar.
    var lastSize: Int { shape.last ?? 1 }
}

extension Tensor: CustomStringConvertible {
    package var description: String {
        let shown = withUnsafeBuffer { $0.prefix(8).map(String.init(describing:)).joined(separator: ", ") }
        return "Tensor\(shape)[\(shown)\(count > 8 ? ", …" : "")]"
    }
}
