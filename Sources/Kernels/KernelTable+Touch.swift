internal import KernelABI

extension KernelTable {
    /// Reads numbers one after the other, so that they are in the second-level cache when they are packed in strides: from
    /// memory, that takes three times as long as both together.
    func touch(_ floats: UnsafePointer<Float>, _ count: Int) { _ = rows.sum(floats, count) }
}
