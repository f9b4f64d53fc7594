private import Runtime

/// One TFRecord file with random access to its records, mapped or on a web server; checksums are verified at every read.
package final class RecordFile: Sendable {
    package let index: RecordIndex
    let storage: any ShardStorage

    /// - Parameters:
    ///   - path: the `.tfrecord`.
    ///   - indexPath: its `.idx`; without one the file's headers are scanned. An index that does not add up to the file
    ///     is refused here, one that names a wrong record when that record is read.
    /// - Throws: `ShardError.missing`, `.read`, `.index`, `.truncated`, `.checksum`.
    package init(path: String, indexPath: String? = nil) throws(ShardError) {
        let file: MappedFile
        do throws(FileError) {
            file = try MappedFile(path: path, access: .random)
        } catch {
            throw ShardError(error)
        }
        storage = MappedStorage(file: file)
        guard let indexPath else {
            index = try RecordIndex(scanning: file.bytes, path: path)
            return
        }
        let indexFile: MappedFile
        do throws(FileError) {
            indexFile = try MappedFile(path: indexPath)
        } catch {
            throw ShardError(error)
        }
        index = try indexFile.withBytes { bytes throws(ShardError) in try RecordIndex(text: bytes, path: indexPath) }
        guard index.fileBytes == file.bytes.count else {
            throw ShardError(
                index.fileBytes > file.bytes.count ? .truncated : .index,
                "has \(file.bytes.count) bytes, its index \(indexPath) says \(index.fileBytes)",
                location: DataLocation(path: path))
        }
    }

    /// A file by an index that fits it.
    init(storage: any ShardStorage, index: RecordIndex) {
        self.storage = storage
        self.index = index
    }

    /// Path or address.
    package var path: String { storage.path }
    /// Number of records.
    package var count: Int { index.count }
    /// Bytes of the whole file.
    package var byteCount: Int { storage.byteCount }

    /// The SHA-256 of the whole file.
    ///
    /// - Throws: `ShardError` when a file far away cannot be read.
    package func digest() throws(ShardError) -> String {
        let digest = SHA256Stream()
        for start in stride(from: 0, to: byteCount, by: Self.digestBytes) {
            try storage.withBytes(
                in: start..<min(byteCount, start + Self.digestBytes), access: .scattered
            ) { bytes throws(ShardError) in digest.update(bytes) }
        }
        return digest.finish()
    }

    private static let digestBytes = 4 << 20

    /// Runs `body` on the payload of a record, whose checksums have been verified unless `isVerified` is false: then that of
    /// the length alone has, and what is not looked at is not read from the disk.
    ///
    /// - Parameter access: in what order records are read.
    /// - Throws: `ShardError` with file, record and offset; one that `body` throws gets them as well.
    package func withPayload<Result>(
        at record: Int, isVerified: Bool = true, access: RecordAccess = .scattered,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        try withFrame(at: record, access: access) { frame throws(ShardError) in
            try body(isVerified ? RecordFraming.payload(of: frame) : RecordFraming.unverifiedPayload(of: frame))
        }
    }

    /// Runs `body` on a record with its framing, of which the length's checksum alone has been verified.
    ///
    /// - Throws: as ``withPayload(at:isVerified:access:_:)``.
    package func withFrame<Result>(
        at record: Int, access: RecordAccess = .scattered,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        try locatingErrors(of: record) { range throws(ShardError) in
            try storage.withBytes(in: range, access: access) { frame throws(ShardError) in
                try checkLength(header: frame, of: range)
                return try body(frame)
            }
        }
    }

    /// Runs `body` on a record's place in the file; its errors get file, record and offset.
    func locatingErrors<Result>(
        of record: Int, _ body: (Range<Int>) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        precondition((0..<count).contains(record), "record \(record) of \(count)")
        let range = index.range(of: record)
        do throws(ShardError) {
            return try body(range)
        } catch {
            throw error.located(path: path, record: record, recordOffset: range.lowerBound)
        }
    }

    /// Holds a record's own length against the index.
    func checkLength(header: UnsafeRawBufferPointer, of range: Range<Int>) throws(ShardError) {
        let length = try RecordFraming.recordBytes(
            header: UnsafeRawBufferPointer(rebasing: header.prefix(RecordFraming.headerBytes)),
            available: byteCount - range.lowerBound)
        guard length == range.count else {
            throw ShardError(.index, "the index says \(range.count) bytes, the record \(length)")
        }
    }

    /// The Example in a record.
    package func example(at record: Int) throws(ShardError) -> Example {
        try withPayload(at: record) { payload throws(ShardError) in try Example(decoding: payload) }
    }

    /// The sample in a record.
    ///
    /// - Parameter access: in what order records are read.
    package func sample(
        at record: Int, access: RecordAccess = .scattered
    ) throws(ShardError) -> ShardSample {
        try withPayload(at: record, access: access) { payload throws(ShardError) in
            try ShardSample(Example(decoding: payload))
        }
    }
}
