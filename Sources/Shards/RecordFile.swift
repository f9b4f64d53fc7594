private import Runtime

/// One TFRecord file with random access to its records, mapped or on a web server; checksums are verified at every read.
package final class RecordFile: Sendable {
    /// Where records are; of a damaged file, those that can be found.
    package let index: RecordIndex
    let storage: any ShardStorage
    /// Number of records, with those of a damaged file that cannot be found.
    package let count: Int
    /// What is wrong with a damaged file that was opened all the same; nil for any other.
    package let damage: ShardError?

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
        damage = nil
        guard let indexPath else {
            index = try RecordIndex(scanning: file.bytes, path: path)
            count = index.count
            return
        }
        let indexFile: MappedFile
        do throws(FileError) {
            indexFile = try MappedFile(path: indexPath)
        } catch {
            throw ShardError(error)
        }
        index = try indexFile.withBytes { bytes throws(ShardError) in try RecordIndex(text: bytes, path: indexPath) }
        count = index.count
        guard index.fileBytes == file.bytes.count else {
            throw ShardError(
                index.fileBytes > file.bytes.count ? .truncated : .index,
                "has \(file.bytes.count) bytes, its index \(indexPath) says \(index.fileBytes)",
                location: DataLocation(path: path))
        }
    }

    /// A file by an index that fits it.
    ///
    /// - Parameters:
    ///   - count: of its records, where the index does not know all.
    ///   - damage: what is wrong with the file; records that are not there fail when they are read.
    init(storage: any ShardStorage, index: RecordIndex, count: Int? = nil, damage: ShardError? = nil) {
        self.storage = storage
        self.index = index
        self.count = count ?? index.count
        self.damage = damage
    }

    /// Opens a damaged file by what is left of it: its index where that is whole, otherwise as many records as can be found
    /// from its beginning.
    ///
    /// - Parameters:
    ///   - count: records that it should have.
    ///   - bytes: bytes that it should have.
    ///   - damage: what is wrong with it.
    /// - Throws: `ShardError` when there is no such file.
    convenience init(
        damaged path: String, indexPath: String?, count: Int, bytes: Int, damage: ShardError
    ) throws(ShardError) {
        let file: MappedFile
        do throws(FileError) {
            file = try MappedFile(path: path, access: .random)
        } catch {
            throw ShardError(error)
        }
        let stated = indexPath.flatMap { try? MappedFile(path: $0) }?.withBytes { text in
            try? RecordIndex(text: text, path: path)
        }
        let index =
            if let stated, stated.count == count, stated.fileBytes == bytes { stated } else {
                RecordIndex(beginningOf: file.bytes, limit: count)
            }
        self.init(storage: MappedStorage(file: file), index: index, count: count, damage: damage)
    }

    /// Path or address.
    package var path: String { storage.path }
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
        guard let range = place(of: record) else {
            throw ShardError(
                damage?.code ?? .truncated, "the record is not there: the file \(damage?.message ?? "is too short")",
                location: DataLocation(
                    path: path, byteOffset: record < index.count ? index.range(of: record).lowerBound : nil,
                    record: record))
        }
        do throws(ShardError) {
            return try body(range)
        } catch {
            throw error.located(path: path, record: record, recordOffset: range.lowerBound)
        }
    }

    /// Where a record is; nil where a damaged file does not have it.
    func place(of record: Int) -> Range<Int>? {
        guard record < index.count, index.range(of: record).upperBound <= byteCount else { return nil }
        return index.range(of: record)
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
