internal import Runtime

/// Where the bytes of one shard are.
protocol ShardStorage: Sendable {
    /// Path or address, for messages.
    var path: String { get }
    /// Bytes of the whole file.
    var byteCount: Int { get }
    /// Whether what is not asked for is not fetched.
    var isRemote: Bool { get }

    /// Runs `body` on a range of the file.
    ///
    /// - Throws: `ShardError` when the bytes cannot be had, and what `body` throws.
    func withBytes<Result>(
        in range: Range<Int>, access: RecordAccess,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result

    /// Is told that a range will be read soon; may be ignored.
    func willRead(_ range: Range<Int>)
}

/// A shard on a disk of this machine, mapped.
///
/// Pages that were read count as this process's memory until the kernel wants them back. Of a shard that is read from front
/// to back, those well behind are given back at once, and of shards that are read here and there all of them now and then, so
/// that it does not look as if a set were held in memory.
struct MappedStorage: ShardStorage {
    let file: MappedFile

    /// Bytes that are given back at a time; as many before the place of reading are kept, for threads that lag behind.
    private static let discardStep = 8 << 20

    var path: String { file.path }
    var byteCount: Int { file.bytes.count }
    var isRemote: Bool { false }

    func withBytes<Result>(
        in range: Range<Int>, access: RecordAccess,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        guard access == .sequential else {
            return try file.withBytes(reading: range) { bytes throws(ShardError) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        }
        populate(ahead: range)
        defer { discard(behind: range) }
        return try file.withBytes { bytes throws(ShardError) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// Brings the pages of the next step when a range crosses to it.
    private func populate(ahead range: Range<Int>) {
        let (first, last) = (range.lowerBound / Self.discardStep, range.upperBound / Self.discardStep)
        guard first < last || range.lowerBound == 0 else { return }
        file.populate(range.lowerBound..<min(byteCount, (last + 1) * Self.discardStep))
    }

    /// Gives back pages when a range that was read is the file's last, or crosses from one step to the next.
    private func discard(behind range: Range<Int>) {
        if range.upperBound == byteCount {
            file.discard(0..<byteCount)
            return
        }
        let (first, last) = (range.lowerBound / Self.discardStep, range.upperBound / Self.discardStep)
        guard first < last, last >= 2 else { return }
        file.discard(max(0, first - 1) * Self.discardStep..<(last - 1) * Self.discardStep)
    }

    func willRead(_ range: Range<Int>) { file.prefetch(range) }
}
