internal import Checkpoints
internal import Runtime

/// The container of W&B's offline files: records cut into chunks that no block of 32 KiB splits.
///
/// A file begins with `:W&B`, the 16-bit magic number 0xBEE1 and version 0. A chunk is the CRC-32 (IEEE) of its type and
/// data, the 16-bit length of the data, its type, and the data, little endian; a block's last bytes are zeros where no
/// chunk's head fits. Source: LevelDB's doc/log_format.md for the chunks; the head and the checksum as wandb 0.31 writes
/// them.
package enum WandBLog {
    static let blockBytes = 32 * 1024
    static let chunkHeadBytes = 7
    /// What a file begins with.
    package static let fileHead: [UInt8] = Array(":W&B".utf8) + [0xe1, 0xbe, 0]

    /// Which part of a record a chunk holds.
    private enum ChunkType: UInt8 {
        case whole = 1
        case first = 2
        case middle = 3
        case last = 4
    }

    /// A record as it stands at an offset of a file.
    ///
    /// - Parameter offset: where the file ends so far; the head of the file counts.
    package static func chunks(of record: [UInt8], at offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(record.count + chunkHeadBytes * (record.count / blockBytes + 3))
        var done = 0
        repeat {
            var left = blockBytes - (offset + bytes.count) % blockBytes
            if left < chunkHeadBytes {
                bytes.append(contentsOf: repeatElement(0, count: left))
                left = blockBytes
            }
            let count = min(left - chunkHeadBytes, record.count - done)
            let isLast = done + count == record.count
            let type: ChunkType = done == 0 ? (isLast ? .whole : .first) : (isLast ? .last : .middle)
            appendChunk(type, record[done..<(done + count)], to: &bytes)
            done += count
        } while done < record.count
        return bytes
    }

    private static func appendChunk(_ type: ChunkType, _ data: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        let checked = [type.rawValue] + data
        let checksum = checked.withUnsafeBytes { CRC32.checksum($0) }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt16(data.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: checked)
    }

    // MARK: Reading

    /// A record, and the part of the file that it takes up.
    package struct Entry: Sendable {
        package let bytes: [UInt8]
        package let range: Range<Int>
    }

    /// The leading records of a file that are whole; none where the file's head is not W&B's.
    ///
    /// - Parameter visit: gets each record in turn; returns whether to go on.
    package static func read(_ file: UnsafeRawBufferPointer, _ visit: (Entry) -> Bool) {
        guard file.count >= fileHead.count, file.prefix(fileHead.count).elementsEqual(fileHead) else { return }
        var offset = fileHead.count
        var start = offset
        var record: [UInt8] = []
        var isInside = false
        while offset < file.count {
            let left = blockBytes - offset % blockBytes
            if left < chunkHeadBytes {
                offset += left
                continue
            }
            guard file.count - offset >= chunkHeadBytes else { return }
            let stored = file.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
            let count = Int(file.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self).littleEndian)
            guard count <= min(left, file.count - offset) - chunkHeadBytes,
                let type = ChunkType(rawValue: file[offset + 6]),
                CRC32.checksum(UnsafeRawBufferPointer(rebasing: file[(offset + 6)..<(offset + 7 + count)])) == stored,
                isInside == (type == .middle || type == .last)
            else { return }
            if !isInside { (start, record) = (offset, []) }
            offset += chunkHeadBytes
            record.append(contentsOf: file[offset..<(offset + count)])
            offset += count
            isInside = type == .first || type == .middle
            if !isInside, !visit(Entry(bytes: record, range: start..<offset)) { return }
        }
    }
}
