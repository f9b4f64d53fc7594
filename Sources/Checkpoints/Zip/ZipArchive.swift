private import Runtime

/// The directory of a zip archive, checked: every entry lies in the file, none overlaps another, no name occurs twice.
///
/// Entries are used in place; nothing is unpacked. Memory is bounded by the central directory, which lies in the file.
/// Source: PKWARE APPNOTE 6.3.10; zip64 included, several disks and leading foreign bytes not.
package struct ZipArchive: Sendable {
    /// The entries, in the order of the central directory.
    package let entries: [ZipEntry]
    private let indexByName: [String: Int]
    private let path: String?

    /// The entry called `name`.
    package subscript(name: String) -> ZipEntry? { indexByName[name].map { entries[$0] } }

    /// Reads the directory of a whole file.
    ///
    /// - Throws: `CheckpointError.truncated` when there is no end of a directory, `.archive` for everything else.
    package init(_ file: UnsafeRawBufferPointer, path: String? = nil) throws(CheckpointError) {
        let directory = try ZipDirectoryRange(file, path: path)
        var entries: [ZipEntry] = []
        var indexByName: [String: Int] = [:]
        var spans: [(range: Range<Int>, index: Int)] = []
        entries.reserveCapacity(directory.entryCount)
        var offset = directory.range.lowerBound
        for index in 0..<directory.entryCount {
            let record = try ZipDirectoryRecord(file, at: offset, end: directory.range.upperBound, path: path)
            offset = record.end
            let (entry, span) = try record.locate(in: file, before: directory.range.lowerBound, path: path)
            guard indexByName.updateValue(index, forKey: entry.name) == nil else {
                throw CheckpointError(
                    .archive, at: DataLocation(path: path, byteOffset: span.lowerBound),
                    "the archive holds \"\(entry.name)\" twice, so it is not clear which one is meant")
            }
            entries.append(entry)
            spans.append((span, index))
        }
        guard offset == directory.range.upperBound else {
            throw CheckpointError(
                .archive, at: DataLocation(path: path, byteOffset: offset),
                "the directory of \(directory.entryCount) entries ends here, but should end at byte "
                    + "\(directory.range.upperBound)")
        }
        spans.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        for (before, after) in zip(spans, spans.dropFirst()) where after.range.lowerBound < before.range.upperBound {
            throw CheckpointError(
                .archive, at: DataLocation(path: path, byteOffset: after.range.lowerBound),
                "\"\(entries[after.index].name)\" starts inside \"\(entries[before.index].name)\", which ends at byte "
                    + "\(before.range.upperBound)")
        }
        self.entries = entries
        self.indexByName = indexByName
        self.path = path
    }

    /// Demands that an entry's bytes can be used as they are.
    ///
    /// - Throws: `CheckpointError.archive` for an entry that is packed or encrypted.
    package func checkStored(_ entry: ZipEntry) throws(CheckpointError) {
        let location = DataLocation(path: path, byteOffset: entry.range.lowerBound)
        if entry.isEncrypted {
            throw CheckpointError(
                .archive, at: location, "\"\(entry.name)\" is encrypted; unpack the archive with its password first")
        }
        guard entry.method == 0 else {
            let name = entry.method == 8 ? "deflated" : "packed by method \(entry.method)"
            throw CheckpointError(
                .archive, at: location,
                "\"\(entry.name)\" is \(name), which PyTorch never does and samdata does not unpack; save it anew with "
                    + "torch.save, or unpack the archive and pack it without compression (zip -0 -r new.pth folder)")
        }
    }

    /// Demands that an entry's bytes have the checksum that the directory states.
    ///
    /// - Throws: `CheckpointError.checksum`.
    package func checkChecksum(_ entry: ZipEntry, in file: UnsafeRawBufferPointer) throws(CheckpointError) {
        let found = CRC32.checksum(UnsafeRawBufferPointer(rebasing: file[entry.range]))
        guard found == entry.checksum else {
            throw CheckpointError(
                .checksum, at: DataLocation(path: path, byteOffset: entry.range.lowerBound),
                "\"\(entry.name)\" has CRC-32 \(hexadecimal(found)), but the archive says "
                    + "\(hexadecimal(entry.checksum)): the file is damaged; fetch or copy it again")
        }
    }

    private func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
