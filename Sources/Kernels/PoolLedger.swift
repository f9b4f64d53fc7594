/// The pool's books: which blocks are out, which are kept free, and how much that ever was.
struct PoolLedger {
    /// Free blocks by size class.
    private var free: [Int: Int] = [:]
    private(set) var freeBytes = 0
    private(set) var usedBytes = 0
    private(set) var peakUsedBytes = 0
    /// The most that was out and free together: what the process holds.
    private(set) var peakBytes = 0

    /// Hands out a block.
    ///
    /// - Parameter capacity: a size class, in floats.
    /// - Returns: whether a free block serves.
    mutating func take(_ capacity: Int) -> Bool {
        let bytes = capacity * MemoryLayout<Float>.stride
        let count = free[capacity] ?? 0
        usedBytes += bytes
        if count > 0 {
            free[capacity] = count - 1
            freeBytes -= bytes
        }
        peakUsedBytes = max(peakUsedBytes, usedBytes)
        peakBytes = max(peakBytes, usedBytes + freeBytes)
        return count > 0
    }

    /// Takes a block back.
    ///
    /// - Returns: whether it is kept for the next request.
    mutating func give(_ capacity: Int) -> Bool {
        let bytes = capacity * MemoryLayout<Float>.stride
        usedBytes -= bytes
        guard freeBytes + bytes <= BufferPool.limitBytes else { return false }
        free[capacity, default: 0] += 1
        freeBytes += bytes
        return true
    }

    /// Forgets all free blocks.
    mutating func drain() {
        free = [:]
        freeBytes = 0
    }
}
