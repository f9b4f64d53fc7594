internal import Runtime
private import Synchronization

/// A shard on a web server, read by ranges.
///
/// Its length is the one that the manifest states, and every answer must agree; so must the server's name for the file's
/// state (its `ETag`), so that no record is put together of two versions.
final class RemoteStorage: ShardStorage {
    let path: String
    let byteCount: Int
    var isRemote: Bool { true }
    private let name: String
    private let reader: HTTPFileReader
    private let cache: BlockCache
    private let number: Int
    private let version = Mutex<String?>(nil)

    /// Asks for the first bytes, so that a server that cannot be used is told from the start.
    ///
    /// - Parameters:
    ///   - name: of the file.
    ///   - byteCount: its length, of the manifest.
    ///   - cache: of the set's shards.
    ///   - number: of the shard in the set, for the cache.
    ///   - mayBeShorter: take the length that the server states where it is less than the manifest's.
    /// - Throws: `ShardError.missing`, `.remote`, `.changed`.
    init(
        _ name: String, byteCount: Int, reader: HTTPFileReader, cache: BlockCache, number: Int,
        mayBeShorter: Bool = false
    ) throws(ShardError) {
        self.name = name
        let begin = 0..<min(byteCount, RecordFraming.headerBytes)
        if mayBeShorter && byteCount > 0, let first = try? reader.part(name, begin) {
            self.byteCount = min(byteCount, first.fileBytes)
        } else {
            self.byteCount = byteCount
        }
        self.reader = reader
        self.cache = cache
        self.number = number
        path = reader.url(name)
        // Of an empty shard there is no range to ask for.
        if byteCount > 0 { _ = try fetch(begin) }
    }

    func withBytes<Result>(
        in range: Range<Int>, access: RecordAccess,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes \(range) of \(byteCount)")
        let bytes =
            switch access {
            case _ where range.isEmpty: [UInt8]()
            case .scattered: try fetch(range)
            case .sequential: try blocks(range)
            }
        return try bytes.withUnsafeBytes { bytes in
            Swift.Result { () throws(ShardError) in try body(bytes) }
        }.get()
    }

    func willRead(_ range: Range<Int>) {}

    /// The error of a file whose length on the server is not the manifest's.
    static func lengthError(_ bytes: Int, stated: Int, path: String) -> ShardError {
        ShardError(
            bytes < stated ? .truncated : .changed, "has \(bytes) bytes on the server, the manifest says \(stated)",
            location: DataLocation(path: path))
    }

    /// The bytes of a range, put together of whole blocks that stay in the cache.
    private func blocks(_ range: Range<Int>) throws(ShardError) -> [UInt8] {
        let size = cache.blockBytes
        // A range that would push everything else out is not kept.
        if range.count > cache.capacity / 2 { return try fetch(range) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in range.lowerBound / size...(range.upperBound - 1) / size {
            let span = index * size..<min(byteCount, (index + 1) * size)
            let block = try cache.block(BlockCache.Key(file: number, index: index)) { () throws(ShardError) in
                try fetch(span)
            }
            let part = range.clamped(to: span)
            bytes.append(contentsOf: block[(part.lowerBound - span.lowerBound)..<(part.upperBound - span.lowerBound)])
        }
        return bytes
    }

    private func fetch(_ range: Range<Int>) throws(ShardError) -> [UInt8] {
        let part: HTTPFileReader.Part
        do throws(HTTPError) {
            part = try reader.part(name, range)
        } catch {
            throw ShardError(error, at: path)
        }
        guard part.fileBytes == byteCount else {
            throw Self.lengthError(part.fileBytes, stated: byteCount, path: path)
        }
        let known = version.withLock { known in
            if known == nil { known = part.version }
            return known
        }
        guard known == part.version else {
            throw ShardError(
                .changed,
                "was changed on the server while it was read: it was \(known ?? ""), it is now "
                    + (part.version ?? "without a name"), location: DataLocation(path: path))
        }
        return part.bytes
    }
}
