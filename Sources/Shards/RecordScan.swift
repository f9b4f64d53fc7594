package import Runtime

/// The whole records at the beginning of a TFRecord file that may end anywhere: headers are read and verified, payloads are
/// not.
package struct RecordScan: Sendable {
    /// The records before the end, or before the first damage.
    package let index: RecordIndex
    /// Why the file's bytes behind them are no records: `ShardError.truncated` for one that is not finished,
    /// `.checksum` for a header that was changed; nil when there are none.
    package let damage: ShardError?

    /// - Throws: `ShardError.read` when the file cannot be read.
    package init(_ file: RandomAccessFile) throws(ShardError) {
        var index = RecordIndex()
        var damage: ShardError?
        let end = file.count
        while index.fileBytes < end && damage == nil {
            let start = index.fileBytes
            do throws(ShardError) {
                let header = try Self.read(file, start..<min(end, start + RecordFraming.headerBytes))
                index.append(
                    bytes: try header.withBytes { bytes throws(ShardError) in
                        try RecordFraming.recordBytes(header: bytes, available: end - start)
                    })
            } catch  where error.code != .read {
                damage = error.located(path: file.path, record: index.count, recordOffset: start)
            }
        }
        self.index = index
        self.damage = damage
    }

    /// Reads a part of a file.
    ///
    /// - Throws: `ShardError.read`.
    package static func read(_ file: RandomAccessFile, _ range: Range<Int>) throws(ShardError) -> [UInt8] {
        do throws(FileError) { return try file.read(range) } catch { throw ShardError(error) }
    }
}
