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

    /// A block of at least `count` floats with undefined content, and its size.
    package static func acquire(_ count: Int) -> (base: UnsafeMutablePointer<Float>, capacity: Int) {
        precondition(count >= 0, "a buffer cannot hold \(count) floats")
        let wanted = capacity(for: count)
        let (recycled, released) = state.withLock { state in
            let decision = state.ledger.take(wanted)
            return (
                decision.recycled.map { (address: state.pop($0), capacity: $0) },
                decision.released.map { state.pop($0) }
            )
        }
        for address in released { Glibc.free(UnsafeMutableRawPointer(bitPattern: address)) }
        if let recycled, let base = UnsafeMutablePointer<Float>(bitPattern: recycled.address) {
            return (base, recycled.capacity)
        }
        let bytes = wanted * MemoryLayout<Float>.stride
        // Blocks of many pages: 2 MB pages save most of the page faults and of the TLB misses.
        let isLarge = bytes >= 4 << 20
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, isLarge ? 2 << 20 : 64, bytes) == 0, let memory else {
            fatalError("out of memory: \(bytes) bytes for a buffer of \(count) floats")
        }
        if isLarge { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
        return (memory.bindMemory(to: Float.self, capacity: wanted), wanted)
    }

    /// Gives a block of ``acquire(_:)`` back.
    package static func release(_ base: UnsafeMutablePointer<Float>, capacity: Int) {
        state.withLock { state in
            state.ledger.give(capacity)
            state.free[capacity, default: []].append(UInt(bitPattern: base))
        }
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
