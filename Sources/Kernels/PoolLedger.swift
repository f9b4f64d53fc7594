/// The pool's books: which blocks are out, which are kept free, and how much that ever was.
///
/// A request takes the smallest free block that is large enough and not much larger; a larger one where the pool is full.
/// What the pool holds, free blocks and the surplus of blocks that are larger than what was asked for, is hardly more than
/// was ever asked for at once: what a program holds follows from what it needs, in whatever order it asks. Where free blocks
/// have to go back, those of the size go that was not asked for the longest time: where sizes change from round to round, the
/// sizes of other rounds, and not the large ones that all rounds ask for.
package struct PoolLedger {
    /// A block that is out, in floats.
    package struct Loan: Sendable, Hashable {
        /// What was asked for.
        package let wanted: Int
        /// The block's size.
        package let capacity: Int

        fileprivate var surplusBytes: Int { PoolLedger.bytes(capacity - wanted) }
    }

    /// What ``take(_:)`` decides.
    package struct Decision {
        package let loan: Loan
        /// Whether a free block serves; otherwise a new one is to be made.
        package let isRecycled: Bool
        /// Sizes of free blocks that go back to the system before.
        package let released: [Int]
    }

    /// Bytes that the pool may hold above the most that was ever asked for at once: a quarter of it, within bounds. With half
    /// as much a step of a TinyViT or of the mask decoder has several times the page faults.
    package static func slackBytes(above peakWantedBytes: Int) -> Int {
        min(64 << 20, max(16 << 20, peakWantedBytes / 4))
    }

    /// How many times larger than the request a block may be that is taken because there is no room for another.
    private static let mostTimesLarger = 4

    /// Floats from which a block is worth being given back before others.
    private static let largeCount = 1 << 17

    /// Free blocks by their size in floats.
    private var free: [Int: Int] = [:]
    /// When a block of a size was last taken or given, of the sizes that are free.
    private var lastUses: [Int: Int] = [:]
    private var clock = 0
    private var freeBytes = 0
    private var wantedBytes = 0
    /// What the blocks that are out have above what was asked for; never more than the slack.
    private var surplusBytes = 0
    /// The most that was asked for at once.
    package private(set) var peakWantedBytes = 0

    package init() {}

    /// Bytes of the blocks that are out or free: at most the slack more than ``peakWantedBytes``.
    package var heldBytes: Int { wantedBytes + surplusBytes + freeBytes }

    /// Hands out a block.
    ///
    /// - Parameter wanted: floats.
    package mutating func take(_ wanted: Int) -> Decision {
        wantedBytes += Self.bytes(wanted)
        peakWantedBytes = max(peakWantedBytes, wantedBytes)
        let slack = Self.slackBytes(above: peakWantedBytes)
        let limit = peakWantedBytes + slack
        // With its surplus a block must fit in the slack by itself: free blocks can go back, those that are out cannot.
        let most = wanted + (slack - surplusBytes) / MemoryLayout<Float>.stride
        var recycled = smallestFree(from: wanted, through: min(most, wanted + wanted / 4))
        if recycled == nil && heldBytes > limit {
            // Rather than to give it back and to get a smaller one: sizes that change from round to round would cost page
            // faults again and again.
            recycled = smallestFree(from: wanted, through: min(most, wanted * Self.mostTimesLarger))
        }
        let loan = Loan(wanted: wanted, capacity: recycled ?? wanted)
        if recycled != nil {
            remove(loan.capacity)
            if free[loan.capacity] != nil { note(loan.capacity) }
        }
        surplusBytes += loan.surplusBytes
        var released: [Int] = []
        while heldBytes > limit, let size = leastWanted {
            remove(size)
            released.append(size)
        }
        return Decision(loan: loan, isRecycled: recycled != nil, released: released)
    }

    /// Takes a block back.
    package mutating func give(_ loan: Loan) {
        wantedBytes -= Self.bytes(loan.wanted)
        surplusBytes -= loan.surplusBytes
        freeBytes += Self.bytes(loan.capacity)
        free[loan.capacity, default: 0] += 1
        note(loan.capacity)
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
