private import Runtime

/// Where each record of a shard starts: the `.idx` beside it, as NVIDIA DALI's `tfrecord2idx` writes it.
///
/// Text, one line a record: `offset size`, framing included.
package struct RecordIndex: Sendable, Hashable {
    static let suffix = ".idx"

    /// The index beside a `.tfrecord`.
    package static func path(of shard: String) -> String {
        (shard.hasSuffix(".tfrecord") ? String(shard.dropLast(".tfrecord".count)) : shard) + suffix
    }

    /// Where each record starts, and at the end where the file does: one more than there are records.
    package private(set) var boundaries: [Int] = [0]

    package init() {}

    /// Number of records.
    package var count: Int { boundaries.count - 1 }
    /// Bytes of the whole file.
    package var fileBytes: Int { boundaries[count] }

    /// The bytes of one record, framing included.
    package func range(of record: Int) -> Range<Int> { boundaries[record]..<boundaries[record + 1] }

    /// Adds a record of `bytes` bytes, framing included.
    package mutating func append(bytes: Int) { boundaries.append(fileBytes + bytes) }

    /// The file's text.
    package var text: String {
        (0..<count).map { "\(boundaries[$0]) \(boundaries[$0 + 1] - boundaries[$0])\n" }.joined()
    }

    /// Reads an `.idx`: each record must start where the one before ends.
    ///
    /// - Throws: `ShardError.index` with the line.
    package init(text bytes: UnsafeRawBufferPointer, path: String) throws(ShardError) {
        var line = 0
        for row in bytes.split(separator: UInt8(ascii: "\n")) {
            line += 1
            let fields = row.split(separator: UInt8(ascii: " "))
            guard fields.count == 2, let offset = Self.number(fields[0]), let size = Self.number(fields[1]) else {
                throw ShardError(
                    .index, "a line is not \"offset size\"", location: DataLocation(path: path, line: line))
            }
            guard offset == fileBytes, size >= RecordFraming.overheadBytes, size <= Int.max - offset else {
                throw ShardError(
                    .index, "a record at \(offset) of \(size) bytes; the one before ends at \(fileBytes)",
                    location: DataLocation(path: path, line: line))
            }
            append(bytes: size)
        }
    }

    /// Measures a shard record by record: reads headers, verifies their checksums.
    ///
    /// - Throws: `ShardError.checksum` or `.truncated` with record and offset.
    package init(scanning file: UnsafeRawBufferPointer, path: String) throws(ShardError) {
        while fileBytes < file.count {
            do throws(ShardError) {
                append(bytes: try RecordFraming.recordBytes(in: file, at: fileBytes))
            } catch {
                var located = error
                located.location = DataLocation(path: path, byteOffset: fileBytes, record: count)
                throw located
            }
        }
    }

    /// The records that can be found from a damaged shard's beginning.
    ///
    /// - Parameter limit: no more than these.
    init(beginningOf file: UnsafeRawBufferPointer, limit: Int) {
        while count < limit, fileBytes < file.count,
            let bytes = try? RecordFraming.recordBytes(in: file, at: fileBytes)
        { append(bytes: bytes) }
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value = 0
        for byte in digits {
            guard (48...57).contains(byte) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carried) = tens.addingReportingOverflow(Int(byte) - 48)
            if overflow || carried { return nil }
            value = next
        }
        return value
    }
}
