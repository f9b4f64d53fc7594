private import Glibc
private import Synchronization

/// Recycled memory for floats: a freed block of several megabytes costs page faults to get again from the system.
///
/// Blocks are 64-byte aligned and rounded up to one of four sizes per power of two. The pool keeps at most
/// ``limitBytes`` of free blocks; what is over goes back to the system.
package enum BufferPool {
    /// Bytes of free blocks that the pool keeps.
    package static let limitBytes = 512 << 20

    private struct State: ~Copyable {
        var ledger = PoolLedger()
        /// Free blocks by size class; addresses, since pointers are not Sendable.
        var free: [Int: [UInt]] = [:]
    }

    private static let state = Mutex(State())

    /// The capacity, in floats, of the block that a request for `count` floats gets.
    package static func capacity(for count: Int) -> Int {
        if count <= 64 { return 64 }
        let exponent = Int.bitWidth - 1 - (count - 1).leadingZeroBitCount
        let quarter = 1 << (exponent - 2)
        return (count + quarter - 1) / quarter * quarter
    }

    /// A block of at least `count` floats with undefined content, and its capacity.
    package static func acquire(_ count: Int) -> (base: UnsafeMutablePointer<Float>, capacity: Int) {
        precondition(count >= 0, "a buffer cannot hold \(count) floats")
        let capacity = capacity(for: count)
        let bytes = capacity * MemoryLayout<Float>.stride
        let recycled = state.withLock { state in state.ledger.take(capacity) ? state.free[capacity]?.popLast() : nil }
        if let recycled, let base = UnsafeMutablePointer<Float>(bitPattern: recycled) { return (base, capacity) }
        // Blocks of many pages: 2 MB pages save most of the page faults and of the TLB misses.
        let isLarge = bytes >= 4 << 20
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, isLarge ? 2 << 20 : 64, bytes) == 0, let memory else {
            fatalError("out of memory: \(bytes) bytes for a buffer of \(count) floats")
        }
        if isLarge { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
        return (memory.bindMemory(to: Float.self, capacity: capacity), capacity)
    }

    /// Gives a block of ``acquire(_:)`` back.
    package static func release(_ base: UnsafeMutablePointer<Float>, capacity: Int) {
        let isKept = state.withLock { state in
            let isKept = state.ledger.give(capacity)
            if isKept { state.free[capacity, default: []].append(UInt(bitPattern: base)) }
            return isKept
        }
        if !isKept { free(base) }
    }

    /// Gives all free blocks back to the system.
    package static func drain() {
        let addresses = state.withLock { state in
            let all = state.free.values.flatMap { $0 }
            state.free = [:]
            state.ledger.drain()
            return all
        }
        for address in addresses { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    /// Bytes handed out now, at most so far, and kept free.
    package static var usage: (used: Int, peak: Int, free: Int) {
        state.withLock { ($0.ledger.usedBytes, $0.ledger.peakUsedBytes, $0.ledger.freeBytes) }
    }

    /// Bytes handed out or kept free now.
    package static var heldBytes: Int { state.withLock { $0.ledger.usedBytes + $0.ledger.freeBytes } }

    /// The most bytes that were handed out and kept free together.
    package static var peakBytes: Int { state.withLock { $0.ledger.peakBytes } }

    /// Runs `body` with a block of `count` floats, undefined content.
    package static func withBuffer<Result>(
        _ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) rethrows -> Result {
        let (base, capacity) = acquire(count)
        defer { release(base, capacity: capacity) }
        return try body(base)
    }
}
