private import Glibc
private import Synchronization

/// Recycled memory for floats: a block of several megabytes costs page faults to get from the system.
///
/// Blocks are 64-byte aligned; ``PoolLedger`` decides which are recycled and which go back.
package enum BufferPool {
    private struct State: ~Copyable {
        var ledger = PoolLedger()
        /// Free blocks by size; addresses, since pointers are not Sendable.
        var free: [Int: [UInt]] = [:]

        mutating func pop(_ capacity: Int) -> UInt {
            guard let address = free[capacity]?.popLast() else {
                preconditionFailure("the pool has no free block of \(capacity) floats")
            }
            return address
        }
    }

    private static let state = Mutex(State())

    /// The size, in floats, of a new block for `count` floats: whole cache lines, of large blocks whole pages.
    package static func capacity(for count: Int) -> Int {
        let unit = count < 1 << 14 ? 64 : 1024
        return max(64, (count + unit - 1) / unit * unit)
    }

    /// A block that was handed out.
    package struct Block {
        /// Where its floats are, undefined at first.
        package let base: UnsafeMutablePointer<Float>
        fileprivate let loan: PoolLedger.Loan
    }

    /// A block of at least `count` floats with undefined content.
    package static func acquire(_ count: Int) -> Block {
        precondition(count >= 0, "a buffer cannot hold \(count) floats")
        let wanted = capacity(for: count)
        let (loan, recycled, released) = state.withLock { state in
            let decision = state.ledger.take(wanted)
            return (
                decision.loan, decision.isRecycled ? state.pop(decision.loan.capacity) : nil,
                decision.released.map { (address: state.pop($0), capacity: $0) }
            )
        }
        for block in released { free(block.address, capacity: block.capacity) }
        let base = recycled.flatMap { UnsafeMutablePointer<Float>(bitPattern: $0) } ?? allocate(loan.capacity)
        return Block(base: base, loan: loan)
    }

    /// Bytes from which a block is mapped for itself: what is given back is then back, whatever lies beside it.
    private static let mappedBytes = 1 << 19
    /// Bytes from which it asks for pages of 2 MB.
    private static let hugeBytes = 4 << 20

    /// A new block. Large ones ask for 2 MB pages, which save most of the page faults and of the TLB misses.
    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Float> {
        let bytes = capacity * MemoryLayout<Float>.stride
        let pageBytes = 2 << 20
        if bytes < mappedBytes {
            var memory: UnsafeMutableRawPointer?
            guard posix_memalign(&memory, 64, bytes) == 0, let memory else { outOfMemory(bytes) }
            return memory.bindMemory(to: Float.self, capacity: capacity)
        }
        if bytes < hugeBytes {
            let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let start, start != MAP_FAILED else { outOfMemory(bytes) }
            return start.bindMemory(to: Float.self, capacity: capacity)
        }
        // A page more than wanted, of which both ends are cut off, begins at a page.
        guard
            let start = mmap(
                nil, bytes + pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { outOfMemory(bytes) }
        let skipped = (pageBytes - Int(bitPattern: start) % pageBytes) % pageBytes
        if skipped > 0 { munmap(start, skipped) }
        if skipped < pageBytes { munmap(start + skipped + bytes, pageBytes - skipped) }
        _ = madvise(start + skipped, bytes, MADV_HUGEPAGE)
        return (start + skipped).bindMemory(to: Float.self, capacity: capacity)
    }

    private static func free(_ address: UInt, capacity: Int) {
        guard let memory = UnsafeMutableRawPointer(bitPattern: address) else { return }
        let bytes = capacity * MemoryLayout<Float>.stride
        if bytes < mappedBytes { Glibc.free(memory) } else { munmap(memory, bytes) }
    }

    private static func outOfMemory(_ bytes: Int) -> Never {
        fatalError("out of memory: a buffer of \(bytes) bytes")
    }

    /// Gives a block of ``acquire(_:)`` back.
    package static func release(_ block: Block) {
        let address = UInt(bitPattern: block.base)
        state.withLock { [loan = block.loan] state in
            state.ledger.give(loan)
            state.free[loan.capacity, default: []].append(address)
        }
    }

    /// Gives all free blocks back to the system: between two tasks whose blocks are of other sizes, so that the second does
    /// not come on top of what the first has left.
    package static func releaseFree() {
        let blocks = state.withLock { state in
            state.ledger.releaseFree().map { (address: state.pop($0), capacity: $0) }
        }
        for block in blocks { free(block.address, capacity: block.capacity) }
    }

    /// Bytes handed out or kept free now.
    package static var heldBytes: Int { state.withLock { $0.ledger.heldBytes } }

    /// Runs `body` with a block of `count` floats, undefined content.
    package static func withBuffer<Result>(
        _ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) rethrows -> Result {
        let block = acquire(count)
        defer { release(block) }
        return try body(block.base)
    }
}
