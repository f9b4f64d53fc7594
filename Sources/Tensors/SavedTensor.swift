package import Kernels
private import Synchronization

/// The format in which operations keep activations until their gradients are wanted.
package enum SavedActivations {
    /// What holds for the operations of a tape.
    struct Rule: Sendable, Hashable {
        var format = ElementFormat.float32
        var roundsAttention = false
    }

    @TaskLocal private static var inForce = Rule()

    /// `float32` unless ``with(_:roundingAttention:_:)`` says otherwise.
    package static var format: ElementFormat { inForce.format }

    /// What is in force, for who goes on later.
    static var rule: Rule { inForce }

    /// Runs `body` with activations kept in another format: half the memory between forward and backward. Values on the
    /// way forward, weights, gradients and sums stay Float.
    ///
    /// - Parameters:
    ///   - format: of what is kept.
    ///   - roundsAttention: whether self-attention reads its queries, keys and values rounded to the format on the way forward
    ///     already. Only then they are kept in it: the way back needs the very scores that probabilities were made of.
    package static func with<Value, Failure: Error>(
        _ format: ElementFormat, roundingAttention roundsAttention: Bool = false, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try with(Rule(format: format, roundsAttention: roundsAttention), body)
    }

    static func with<Value, Failure: Error>(
        _ rule: Rule, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try $inForce.withValue(rule) { Result { () throws(Failure) in try body() } }.get()
    }

    /// The format of what is kept to save an operation's own products on the way back; nil where it is to make them again,
    /// as half precision has not the range for it.
    static var formatOfIntermediates: ElementFormat? { format == .float16 ? nil : format }

    /// The format in which self-attention reads and keeps its operands.
    fileprivate static var formatOfOperands: ElementFormat { inForce.roundsAttention ? format : .float32 }

    private static let saturated = Atomic<Int>(0)

    /// Counts activations that are beyond the range of `float16` and are kept as its largest number, 65 504.
    static func noteSaturation(of count: Int) { saturated.add(count, ordering: .relaxed) }

    /// How many activations were kept as the largest number of `float16` since this was last asked, by the whole process.
    /// Their gradients are those of a smaller activation; nothing becomes infinite.
    package static func takeSaturationCount() -> Int { saturated.exchange(0, ordering: .relaxed) }

    /// Elements below which half the memory is not worth a conversion.
    static let smallest = 1 << 12
}

/// What an operation keeps of a tensor until its gradient is wanted: the tensor itself, or its elements in 16 bits.
///
/// Several operations that keep the same tensor share one copy.
struct SavedTensor: Sendable {
    private enum Content {
        case whole(Tensor)
        case half(HalfTensor)
    }

    private let content: Content

    /// Of what self-attention is about to read: not the tensor but ``tensor`` of this is what it must read.
    init(attended tensor: Tensor) {
        let format = SavedActivations.formatOfOperands
        content =
            format == .float32 || tensor.count < SavedActivations.smallest
            ? .whole(tensor.detached) : .half(tensor.sharedHalf(format))
    }

    /// All of a tensor as it is.
    init(whole tensor: Tensor) { content = .whole(tensor.detached) }

    /// - Parameters:
    ///   - tensor: parameters and constants live on anyway and are kept as they are.
    ///   - isResult: whether it is the result of the operation itself, which has no node yet.
    init(_ tensor: Tensor, isResult: Bool = false) {
        let format = SavedActivations.format
        let isActivation = isResult || tensor.node?.isActivation ?? false
        guard format != .float32, isActivation, tensor.count >= SavedActivations.smallest else {
            content = .whole(tensor.detached)
            return
        }
        content = .half(tensor.sharedHalf(format))
    }

    /// The elements as floats.
    var tensor: Tensor {
        switch content {
        case .whole(let tensor): tensor
        case .half(let half): half.tensor
        }
    }

    /// Calls `body` with the elements as a matrix with rows of `columns`, in the format in which they are kept.
    func withMatrix(columns: Int, _ body: (MatrixView) -> Void) {
        switch content {
        case .whole(let tensor): withExtendedLifetime(tensor) { body(MatrixView(tensor.base, rowStride: columns)) }
        case .half(let half): withExtendedLifetime(half) { body(half.matrix(columns: columns)) }
        }
    }
}
