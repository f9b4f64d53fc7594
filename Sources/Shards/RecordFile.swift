private import Runtime

/// One TFRecord file, mapped, with random access to its records; checksums are verified at every read.
package final class RecordFile: Sendable {
    package let path: String
    package let index: RecordIndex
    private let file: MappedFile

    /// - Parameters:
    ///   - path: the `.tfrecord`.
    ///   - indexPath: its `.idx`; without one the file's headers are scanned. An index that does not add up to the file
    ///     is refused here, one that names a wrong record when that record is read.
    /// - Throws: `ShardError.missing`, `.read`, `.index`, `.truncated`, `.checksum`.
    package init(path: String, indexPath: String? = nil) throws(ShardError) {
        self.path = path
        do throws(FileError) {
            file = try MappedFile(path: path, access: .random)
        } catch {
            throw ShardError(error)
        }
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

    /// Number of records.
    package var count: Int { index.count }
    /// Bytes of the whole file.
    package var byteCount: Int { file.bytes.count }

    /// The SHA-256 of the whole file.
    package func digest() -> String { file.withBytes { SHA256Digest.hex($0) } }

    /// Runs `body` on the payload of a record, whose checksums have been verified unless `isVerified` is false: then that of
    /// the length alone has, and what is not looked at is not read from the disk.
    ///
    /// - Throws: `ShardError` with file, record and offset; one that `body` throws gets them as well.
    package func withPayload<Result>(
        at record: Int, isVerified: Bool = true, _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        precondition((0..<count).contains(record), "record \(record) of \(count)")
        let range = index.range(of: record)
        do throws(ShardError) {
            return try file.withBytes { bytes throws(ShardError) in
                let length = try RecordFraming.recordBytes(in: bytes, at: range.lowerBound)
                guard length == range.count else {
                    throw ShardError(.index, "the index says \(range.count) bytes, the record \(length)")
                }
                let frame = UnsafeRawBufferPointer(rebasing: bytes[range])
                return try body(
                    isVerified ? RecordFraming.payload(of: frame) : RecordFraming.unverifiedPayload(of: frame))
            }
        } catch {
            throw error.located(path: path, record: record, recordOffset: range.lowerBound)
        }
    }

    /// The Example in a record.
    package func example(at record: Int) throws(ShardError) -> Example {
        try withPayload(at: record) { payload throws(ShardError) in try Example(decoding: payload) }
    }

    /// The sample in a record.
    package func sample(at record: Int) throws(ShardError) -> ShardSample {
        try withPayload(at: record) { payload throws(ShardError) in
            try ShardSample(Example(decoding: payload))
        }
    }
}
