/// The pool's books: which blocks are out, which are kept free, and how much that ever was.
///
/// A request takes the smallest free block that is large enough and not much larger. Free blocks are kept as long as the
/// pool holds hardly more than was ever out at once: what a program holds follows from what it needs.
struct PoolLedger {
    /// What ``take(_:)`` decides.
    struct Decision {
        /// Size of the free block that serves, or nil for a new one of the size asked for.
        var recycled: Int?
        /// Sizes of free blocks that go back to the system before.
        var released: [Int] = []
    }

    /// Bytes that the pool may hold above what was ever out at once.
    static let slackBytes = 32 << 20

    /// Free blocks by their size in floats.
    private var free: [Int: Int] = [:]
    private(set) var freeBytes = 0
    private(set) var usedBytes = 0
    private(set) var peakUsedBytes = 0
    /// The most that was out and free together: what the process holds.
    private(set) var peakBytes = 0

    /// Hands out a block.
    ///
    /// - Parameter capacity: floats.
    mutating func take(_ capacity: Int) -> Decision {
        var decision = Decision()
        var best = capacity + capacity / 4 + 1
        for size in free.keys where size >= capacity && size < best { best = size }
        if best <= capacity + capacity / 4 {
            decision.recycled = best
            remove(best)
        }
        usedBytes += Self.bytes(decision.recycled ?? capacity)
        peakUsedBytes = max(peakUsedBytes, usedBytes)
        // The largest first: few of them make room.
        while usedBytes + freeBytes > peakUsedBytes + Self.slackBytes, let largest = free.keys.max() {
            remove(largest)
            decision.released.append(largest)
        }
        peakBytes = max(peakBytes, usedBytes + freeBytes)
        return decision
    }

    /// Takes a block back.
    mutating func give(_ capacity: Int) {
        usedBytes -= Self.bytes(capacity)
        freeBytes += Self.bytes(capacity)
        free[capacity, default: 0] += 1
    }

    /// Takes all free blocks off the books.
    ///
    /// - Returns: their sizes.
    mutating func releaseFree() -> [Int] {
        let sizes = free.flatMap { size, count in Array(repeating: size, count: count) }
        free = [:]
        freeBytes = 0
        return sizes
    }

    private mutating func remove(_ size: Int) {
        let count = free[size] ?? 0
        free[size] = count > 1 ? count - 1 : nil
        freeBytes -= Self.bytes(size)
    }

    private static func bytes(_ capacity: Int) -> Int { capacity * MemoryLayout<Float>.stride }
}
