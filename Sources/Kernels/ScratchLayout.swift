private import KernelABI

/// Where a worker's arrays lie in its part of one buffer: offsets in floats, each at a cache line's start.
struct ScratchLayout {
    /// Floats of all arrays.
    private(set) var total = 0

    /// The offset of another array of `count` floats.
    mutating func add(_ count: Int) -> Int {
        defer { total += AttentionSizes.padded(count, to: 16) }
        return total
    }
}
