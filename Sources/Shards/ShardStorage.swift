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
struct MappedStorage: ShardStorage {
    let file: MappedFile

    var path: String { file.path }
    var byteCount: Int { file.bytes.count }
    var isRemote: Bool { false }

    func withBytes<Result>(
        in range: Range<Int>, access: RecordAccess,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        try file.withBytes { bytes throws(ShardError) in try body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
    }

    func willRead(_ range: Range<Int>) { file.prefetch(range) }
}
