internal import Kernels
private import Synchronization

/// Reference-counted floats, 64-byte aligned, from the pool of buffers; given back when the last tensor lets go.
///
/// `@unchecked Sendable`: written only by the operation that makes it, before any other thread sees it, or by an owner
/// who holds the only reference.
final class Storage: @unchecked Sendable {
    /// Where the floats are; nowhere in a simulation.
    let base: UnsafeMutablePointer<Float>
    private let capacity: Int
    /// The simulation in which there is no memory behind this.
    private let simulation: MemorySimulation?
    /// The same numbers in 16 bits, as long as somebody keeps them, and their format.
    private(set) weak var half: Storage?
    private(set) var halfFormat = ElementFormat.float32
    private let packed = Mutex<PackedMatrix?>(nil)

    init(uninitialized count: Int) {
        simulation = MemorySimulation.current
        if let simulation {
            capacity = simulation.take(count)
            base = Self.nowhere
        } else {
            (base, capacity) = BufferPool.acquire(count)
        }
    }

    deinit {
        if let simulation { simulation.give(capacity) } else { BufferPool.release(base, capacity: capacity) }
    }

    /// Notes that these numbers are kept in 16 bits too.
    func note(half: Storage, format: ElementFormat) {
        self.half = half
        halfFormat = format
    }

    /// The numbers are about to change: what was made of them is no longer theirs.
    func forgetCopies() {
        half = nil
        packed.withLock { $0 = nil }
    }

    /// The numbers packed as the transposed right operand of products, packed at the first call.
    ///
    /// - Returns: nil where they are too many to be packed at once.
    func packedTransposed(rows: Int, columns: Int) -> PackedMatrix? {
        packed.withLock { held in
            if held?.isOfKernelsInForce != true {
                held = PackedMatrix(MatrixView(base, rowStride: columns).transposed, k: columns, n: rows)
            }
            return held
        }
    }

    var isSimulated: Bool { simulation != nil }

    /// An aligned address that nobody may follow.
    private static var nowhere: UnsafeMutablePointer<Float> {
        guard let address = UnsafeMutablePointer<Float>(bitPattern: 64) else {
            preconditionFailure("64 is an address")
        }
        return address
    }
}
