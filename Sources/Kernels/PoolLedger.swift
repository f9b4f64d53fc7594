/// The pool's books: which blocks are out, which are kept free, and how much that ever was.
///
/// A request takes the smallest free block that is large enough and not much larger; a larger one where the pool is full.
/// Free blocks are kept as long as the pool holds hardly more than was ever out at once: what a program holds follows from
/// what it needs. Then those of the size that was not asked for the longest time go back: where sizes change from round to
/// round, the sizes of other rounds, and not the large ones that all rounds ask for.
package struct PoolLedger {
    /// What ``take(_:)`` decides.
    package struct Decision {
        /// Size of the free block that serves, or nil for a new one of the size asked for.
        package var recycled: Int?
        /// Sizes of free blocks that go back to the system before.
        package var released: [Int] = []
    }

    /// Bytes that the pool may hold above what was ever out at once.
    package static let slackBytes = 32 << 20
    /// How many times larger than the request a block may be that is taken because there is no room for another.
    private static let mostTimesLarger = 4

    /// Floats from which a block is worth being given back before others.
    private static let largeCount = 1 << 17

    /// Free blocks by their size in floats.
    private var free: [Int: Int] = [:]
    /// When a block of a size was last taken or given, of the sizes that are free.
    private var lastUses: [Int: Int] = [:]
    private var clock = 0
    private(set) var freeBytes = 0
    private(set) var usedBytes = 0
    package private(set) var peakUsedBytes = 0
    /// The most that was out and free together: what the process holds.
    package private(set) var peakBytes = 0

    package init() {}

    /// Hands out a block.
    ///
    /// - Parameter capacity: floats.
    package mutating func take(_ capacity: Int) -> Decision {
        var decision = Decision()
        let limit = peakUsedBytes + Self.slackBytes
        if let snug = smallestFree(from: capacity, through: capacity + capacity / 4) {
            decision.recycled = snug
        } else if usedBytes + freeBytes + Self.bytes(capacity) > limit,
            let large = smallestFree(from: capacity, through: capacity * Self.mostTimesLarger),
            usedBytes + Self.bytes(large) <= peakUsedBytes
        {
            // Rather than to give it back and to get a smaller one: sizes that change from round to round would cost page
            // faults again and again.
            decision.recycled = large
        }
        if let recycled = decision.recycled {
            remove(recycled)
            if free[recycled] != nil { note(recycled) }
        }
        usedBytes += Self.bytes(decision.recycled ?? capacity)
        peakUsedBytes = max(peakUsedBytes, usedBytes)
        while usedBytes + freeBytes > peakUsedBytes + Self.slackBytes, let size = leastWanted {
            remove(size)
            decision.released.append(size)
        }
        peakBytes = max(peakBytes, usedBytes + freeBytes)
        return decision
    }

    /// Takes a block back.
    package mutating func give(_ capacity: Int) {
        usedBytes -= Self.bytes(capacity)
        freeBytes += Self.bytes(capacity)
        free[capacity, default: 0] += 1
        note(capacity)
    }

    /// Takes all free blocks off the books.
    ///
    /// - Returns: their sizes.
    package mutating func releaseFree() -> [Int] {
        let sizes = free.flatMap { size, count in Array(repeating: size, count: count) }
        free = [:]
        lastUses = [:]
        freeBytes = 0
        return sizes
    }

    private func smallestFree(from least: Int, through most: Int) -> Int? {
        free.keys.reduce(nil) { best, size in size >= least && size <= min(most, best ?? most) ? size : best }
    }

    /// Of the large blocks the size that was not used for the longest time; the largest where there are small ones alone.
    private var leastWanted: Int? {
        lastUses.filter { $0.key >= Self.largeCount }.min { $0.value < $1.value }?.key ?? free.keys.max()
    }

    private mutating func note(_ size: Int) {
        clock += 1
        lastUses[size] = clock
    }

    private mutating func remove(_ size: Int) {
        let count = free[size] ?? 0
        free[size] = count > 1 ? count - 1 : nil
        freeBytes -= Self.bytes(size)
        if count <= 1 { lastUses[size] = nil }
    }

    private static func bytes(_ capacity: Int) -> Int { capacity * MemoryLayout<Float>.stride }
}
