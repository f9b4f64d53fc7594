import Checkpoints

/// A zip archive put together by hand, each number of which a test may falsify.
struct TestZip: Sendable {
    /// One entry, and what its headers say about it where that is not the truth.
    struct Entry: Sendable {
        var name: String
        var content: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        var checksum: UInt32?
        var directorySize: UInt32?
        var localName: String?
        var localSize: UInt32?
        var localOffset: UInt32?
        var localExtra: [UInt8] = []
        var directoryExtra: [UInt8] = []
    }

    var entries: [Entry]
    var comment: [UInt8] = []
    var count: UInt16?
    var directorySize: UInt32?
    var directoryOffset: UInt32?
    /// Replaces the zip64 records, given the directory's place.
    var zip64: (@Sendable (_ start: Int, _ size: Int) -> [UInt8])?
    /// Bytes between the directory and its end.
    var gap: [UInt8] = []

    static func little<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }

    /// A sound zip64 end and its locator.
    static func end64(count: UInt64, start: Int, size: Int) -> [UInt8] {
        little(UInt32(0x0606_4b50)) + little(UInt64(44)) + little(UInt16(45), 45) + little(UInt32(0), 0)
            + little(count, count, UInt64(size), UInt64(start)) + little(UInt32(0x0706_4b50), 0)
            + little(UInt64(start + size)) + little(UInt32(1))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let checksum = entry.checksum ?? entry.content.withUnsafeBytes { CRC32.checksumByBits($0) }
            let size = entry.directorySize ?? UInt32(entry.content.count)
            let name = Array(entry.name.utf8)
            directory += Self.little(UInt32(0x0201_4b50)) + Self.little(UInt16(0), 0, entry.flags, entry.method, 0, 0)
            directory += Self.little(checksum, size, size)
            directory += Self.little(UInt16(name.count), UInt16(entry.directoryExtra.count), 0, 0, 0)
            directory += Self.little(UInt32(0), entry.localOffset ?? UInt32(bytes.count)) + name + entry.directoryExtra
            let localName = Array((entry.localName ?? entry.name).utf8)
            let isLater = entry.flags & 8 != 0
            let localSize = entry.localSize ?? (isLater ? 0 : size)
            bytes += Self.little(UInt32(0x0403_4b50)) + Self.little(UInt16(0), entry.flags, entry.method, 0, 0)
            bytes += Self.little(isLater ? 0 : checksum, localSize, localSize)
            bytes += Self.little(UInt16(localName.count), UInt16(entry.localExtra.count))
            bytes += localName + entry.localExtra + entry.content
            if isLater { bytes += Self.little(UInt32(0x0807_4b50), checksum, size, size) }
        }
        let start = bytes.count
        bytes += directory
        if let zip64 { bytes += zip64(start, directory.count) }
        bytes += gap + Self.little(UInt32(0x0605_4b50)) + Self.little(UInt16(0), 0)
        bytes += Self.little(count ?? UInt16(entries.count), count ?? UInt16(entries.count))
        bytes += Self.little(directorySize ?? UInt32(directory.count), directoryOffset ?? UInt32(start))
        return bytes + Self.little(UInt16(comment.count)) + comment
    }
}
