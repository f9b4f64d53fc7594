package import Runtime

/// Writes a zip archive of stored entries to a file, with zip64 where sizes, offsets or their number ask for it.
///
/// Times and attributes are zero, so that the same entries give the same bytes.
package struct ZipWriter {
    private struct Written {
        let name: [UInt8]
        let checksum: UInt32
        let size: UInt64
        let offset: UInt64
    }

    private let writer: AtomicFileWriter
    private var entries: [Written] = []
    /// The content of every entry starts at a multiple of this, in bytes.
    private let alignment: Int
    /// Sizes and offsets from here on are written in 64 bits.
    private let limit32: UInt64
    /// Numbers of entries from here on are written in 64 bits.
    private let limit16: Int

    /// - Parameters:
    ///   - writer: the file, at its start.
    ///   - alignment: a power of two, at most 2¹⁵.
    ///   - limit32: where 64 bits begin; lower in tests, which cannot write 4 GB.
    ///   - limit16: the same for the number of entries.
    package init(
        _ writer: AtomicFileWriter, alignment: Int, limit32: UInt64 = UInt64(ZipSignature.sentinel32),
        limit16: Int = Int(ZipSignature.sentinel16)
    ) {
        precondition(writer.count == 0, "an archive starts at the start of its file, not after \(writer.count) bytes")
        self.writer = writer
        self.alignment = alignment
        self.limit32 = limit32
        self.limit16 = limit16
    }

    /// Writes one entry.
    ///
    /// - Parameter name: up to 65535 bytes, not used before.
    package mutating func append(_ name: String, _ content: UnsafeRawBufferPointer) throws(FileError) {
        let name = Array(name.utf8)
        precondition(name.count <= 0xffff, "a name of \(name.count) bytes does not fit")
        let entry = Written(
            name: name, checksum: CRC32.checksum(content), size: UInt64(content.count), offset: UInt64(writer.count))
        let isLong = entry.size >= limit32
        var header: [UInt8] = []
        header.appendLittle(ZipSignature.localHeader)
        appendShared(of: entry, to: &header, isLong: isLong)
        var extra: [UInt8] = []
        if isLong {
            extra.appendLittle(ZipSignature.extra64)
            extra.appendLittle(UInt16(16))
            extra.appendLittle(entry.size)
            extra.appendLittle(entry.size)
        }
        // The padding is an extra field with an id and a length of its own.
        let unpadded = writer.count + ZipSignature.localHeaderBytes + name.count + extra.count + 4
        let padding = (alignment - unpadded % alignment) % alignment
        extra.appendLittle(ZipSignature.extraPadding)
        extra.appendLittle(UInt16(padding))
        extra += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
        header.appendLittle(UInt16(extra.count))
        try writer.write(header + name + extra)
        try writer.write(content)
        entries.append(entry)
    }

    /// Writes one small entry.
    package mutating func append(_ name: String, _ content: [UInt8]) throws(FileError) {
        let outcome: Result<Void, FileError> = content.withUnsafeBytes { bytes in
            do throws(FileError) {
                return .success(try append(name, bytes))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Writes the directory; the file is then to be committed.
    package func finish() throws(FileError) {
        let start = UInt64(writer.count)
        for entry in entries { try writer.write(directoryEntry(entry)) }
        let size = UInt64(writer.count) - start
        let isLong = entries.count >= limit16 || size >= limit32 || start >= limit32
        var end: [UInt8] = []
        if isLong {
            let place = UInt64(writer.count)
            end.appendLittle(ZipSignature.directoryEnd64)
            end.appendLittle(UInt64(ZipSignature.directoryEnd64Bytes - 12))
            end.appendLittle(UInt16(45))
            end.appendLittle(UInt16(45))
            end.appendLittle(UInt32(0))
            end.appendLittle(UInt32(0))
            end.appendLittle(UInt64(entries.count))
            end.appendLittle(UInt64(entries.count))
            end.appendLittle(size)
            end.appendLittle(start)
            end.appendLittle(ZipSignature.locator64)
            end.appendLittle(UInt32(0))
            end.appendLittle(place)
            end.appendLittle(UInt32(1))
        }
        end.appendLittle(ZipSignature.directoryEnd)
        end.appendLittle(UInt16(0))
        end.appendLittle(UInt16(0))
        for _ in 0..<2 { end.appendLittle(isLong ? ZipSignature.sentinel16 : UInt16(entries.count)) }
        end.appendLittle(isLong ? ZipSignature.sentinel32 : UInt32(size))
        end.appendLittle(isLong ? ZipSignature.sentinel32 : UInt32(start))
        end.appendLittle(UInt16(0))
        try writer.write(end)
    }

    /// What local header and directory entry have in common: version needed to name's length.
    private func appendShared(of entry: Written, to bytes: inout [UInt8], isLong: Bool) {
        bytes.appendLittle(UInt16(isLong ? 45 : 10))
        bytes.appendLittle(ZipSignature.nameIsUTF8)
        bytes.appendLittle(UInt16(0))
        // Midnight of 1 January 1980, the first day that a zip archive can name.
        bytes.appendLittle(UInt16(0))
        bytes.appendLittle(UInt16(1 << 5 | 1))
        bytes.appendLittle(entry.checksum)
        for _ in 0..<2 { bytes.appendLittle(isLong ? ZipSignature.sentinel32 : UInt32(entry.size)) }
        bytes.appendLittle(UInt16(entry.name.count))
    }

    private func directoryEntry(_ entry: Written) -> [UInt8] {
        let isLong = entry.size >= limit32
        let isFar = entry.offset >= limit32
        var extra: [UInt8] = []
        if isLong || isFar {
            extra.appendLittle(ZipSignature.extra64)
            extra.appendLittle(UInt16((isLong ? 16 : 0) + (isFar ? 8 : 0)))
            if isLong {
                extra.appendLittle(entry.size)
                extra.appendLittle(entry.size)
            }
            if isFar { extra.appendLittle(entry.offset) }
        }
        var bytes: [UInt8] = []
        bytes.appendLittle(ZipSignature.directoryEntry)
        bytes.appendLittle(UInt16(isLong || isFar ? 45 : 10))
        appendShared(of: entry, to: &bytes, isLong: isLong)
        bytes.appendLittle(UInt16(extra.count))
        // No comment, first disk, no attributes.
        bytes.appendLittle(UInt16(0))
        bytes.appendLittle(UInt16(0))
        bytes.appendLittle(UInt16(0))
        bytes.appendLittle(UInt32(0))
        bytes.appendLittle(isFar ? ZipSignature.sentinel32 : UInt32(entry.offset))
        return bytes + entry.name + extra
    }
}
