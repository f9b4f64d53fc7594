internal import Kernels
private import Synchronization

/// Reference-counted floats, 64-byte aligned, from the pool of buffers; given back when the last tensor lets go.
///
/// `@unchecked Sendable`: written only by the operation that makes it, before any other thread sees it, or by an owner
/// who holds the only reference.
final class Storage: @unchecked Sendable {
    private enum Memory {
        case block(BufferPool.Block)
        /// None: what a simulation has counted.
        case simulated(PoolLedger.Loan, by: MemorySimulation)
    }

    /// Where the floats are; nowhere in a simulation.
    let base: UnsafeMutablePointer<Float>
    private let memory: Memory
    /// The same numbers in 16 bits, as long as somebody keeps them, and their format.
    private(set) weak var half: Storage?
    private(set) var halfFormat = ElementFormat.float32
    private let packed = Mutex<PackedMatrix?>(nil)

    init(uninitialized count: Int) {
        if let simulation = MemorySimulation.current {
            memory = .simulated(simulation.take(count), by: simulation)
            base = Self.nowhere
        } else {
            let block = BufferPool.acquire(count)
            memory = .block(block)
            base = block.base
        }
    }

    deinit {
        switch memory {
        case .block(let block): BufferPool.release(block)
        case .simulated(let loan, let simulation): simulation.give(loan)
        }
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

    var isSimulated: Bool {
        if case .simulated = memory { true } else { false }
    }

    /// An aligned address that nobody may follow.
    private static var nowhere: UnsafeMutablePointer<Float> {
        guard let address = UnsafeMutablePointer<Float>(bitPattern: 64) else {
            preconditionFailure("64 is an address")
        }
        return address
    }
}
