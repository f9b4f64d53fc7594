private import Runtime

/// Where the central directory of a zip archive lies, and how many entries it has.
struct ZipDirectoryRange {
    /// The directory's bytes, counted from the start of the file.
    let range: Range<Int>
    /// At most as many as fit in the range.
    let entryCount: Int

    /// The longest comment behind the end record.
    private static let maximumComment = 0xffff

    /// Finds the end record, and the zip64 one where there is one.
    ///
    /// - Throws: `CheckpointError.truncated` when there is no end record, `.archive` when its numbers cannot be.
    init(_ file: UnsafeRawBufferPointer, path: String?) throws(CheckpointError) {
        guard let end = Self.findEnd(file) else {
            throw CheckpointError(
                .truncated, at: DataLocation(path: path, byteOffset: file.count),
                "the zip archive has no directory at its end: the file is cut off; fetch or copy it again")
        }
        let location = DataLocation(path: path, byteOffset: end)
        func number16(_ offset: Int) -> UInt16 { file.little(UInt16.self, at: end + offset) ?? 0 }
        func number32(_ offset: Int) -> UInt32 { file.little(UInt32.self, at: end + offset) ?? 0 }
        guard number16(4) == 0 || number16(4) == ZipSignature.sentinel16,
            number16(6) == 0 || number16(6) == ZipSignature.sentinel16
        else { throw CheckpointError(.archive, at: location, "the archive is split over several disks") }
        var limit = end
        var count = UInt64(number16(10))
        var size = UInt64(number32(12))
        var offset = UInt64(number32(16))
        let needs64 =
            number16(10) == ZipSignature.sentinel16 || number32(12) == ZipSignature.sentinel32
            || number32(16) == ZipSignature.sentinel32
        let locator = end - ZipSignature.locator64Bytes
        if file.little(UInt32.self, at: locator) == ZipSignature.locator64 {
            let long = try Self.readLong(file, locator: locator, path: path)
            // A number that is not left to the zip64 record must be the same in both.
            guard number16(10) == ZipSignature.sentinel16 || count == long.count,
                number32(12) == ZipSignature.sentinel32 || size == long.size,
                number32(16) == ZipSignature.sentinel32 || offset == long.offset
            else {
                throw CheckpointError(.archive, at: location, "the two ends of the archive's directory contradict")
            }
            (count, size, offset, limit) = (long.count, long.size, long.offset, long.start)
        } else if needs64 {
            throw CheckpointError(.archive, at: location, "the archive's zip64 directory end is missing")
        }
        let (directoryEnd, overflow) = offset.addingReportingOverflow(size)
        guard !overflow, directoryEnd == UInt64(limit) else {
            throw CheckpointError(
                .archive, at: location,
                "the archive's directory should be the \(size) bytes from byte \(offset), which do not end where the "
                    + "end record starts, at byte \(limit)")
        }
        guard count <= size / UInt64(ZipSignature.directoryEntryBytes) else {
            throw CheckpointError(
                .archive, at: location, "a directory of \(size) bytes cannot list \(count) entries")
        }
        range = Int(offset)..<limit
        entryCount = Int(count)
    }

    /// The end record: the last one whose comment reaches exactly to the end of the file.
    private static func findEnd(_ file: UnsafeRawBufferPointer) -> Int? {
        let last = file.count - ZipSignature.directoryEndBytes
        guard last >= 0 else { return nil }
        return stride(from: last, through: max(0, last - maximumComment), by: -1).first { start in
            file.little(UInt32.self, at: start) == ZipSignature.directoryEnd
                && file.little(UInt16.self, at: start + 20).map(Int.init) == last - start
        }
    }

    /// The numbers of the zip64 end record, and where it starts.
    private static func readLong(
        _ file: UnsafeRawBufferPointer, locator: Int, path: String?
    ) throws(CheckpointError) -> (count: UInt64, size: UInt64, offset: UInt64, start: Int) {
        let location = DataLocation(path: path, byteOffset: locator)
        let stated = file.little(UInt64.self, at: locator + 8) ?? .max
        guard stated <= UInt64(locator), locator - Int(stated) >= ZipSignature.directoryEnd64Bytes,
            file.little(UInt32.self, at: Int(stated)) == ZipSignature.directoryEnd64
        else {
            throw CheckpointError(.archive, at: location, "there is no zip64 directory end at byte \(stated)")
        }
        let start = Int(stated)
        func number(_ offset: Int) -> UInt64 { file.little(UInt64.self, at: start + offset) ?? .max }
        guard number(4) == UInt64(locator - start - 12) else {
            throw CheckpointError(.archive, at: location, "the zip64 directory end has another length than it says")
        }
        guard file.little(UInt32.self, at: start + 16) == 0, file.little(UInt32.self, at: start + 20) == 0,
            number(24) == number(32)
        else { throw CheckpointError(.archive, at: location, "the archive is split over several disks") }
        return (number(32), number(40), number(48), start)
    }
}
