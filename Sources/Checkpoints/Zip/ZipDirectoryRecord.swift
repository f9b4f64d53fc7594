private import Runtime

/// One record of a central directory, before its local header was looked at.
struct ZipDirectoryRecord {
    private let name: String
    private let start: Int
    private let flags: UInt16
    private let method: UInt16
    private let checksum: UInt32
    private let packedSize: UInt64
    private let size: UInt64
    private let localOffset: UInt64
    /// Where the next record starts.
    let end: Int

    /// Reads the record at a byte of the file; it must end at `end` or before.
    ///
    /// - Throws: `CheckpointError.archive`.
    init(_ file: UnsafeRawBufferPointer, at start: Int, end limit: Int, path: String?) throws(CheckpointError) {
        let location = DataLocation(path: path, byteOffset: start)
        func number16(_ offset: Int) -> UInt16 { file.little(UInt16.self, at: start + offset) ?? 0 }
        func number32(_ offset: Int) -> UInt32 { file.little(UInt32.self, at: start + offset) ?? 0 }
        guard limit - start >= ZipSignature.directoryEntryBytes, number32(0) == ZipSignature.directoryEntry else {
            throw CheckpointError(.archive, at: location, "the archive's directory has no entry where one should be")
        }
        let (nameCount, extraCount) = (Int(number16(28)), Int(number16(30)))
        let nameStart = start + ZipSignature.directoryEntryBytes
        end = nameStart + nameCount + extraCount + Int(number16(32))
        guard end <= limit, let nameBytes = file.slice(nameStart, count: nameCount),
            let extra = file.slice(nameStart + nameCount, count: extraCount)
        else { throw CheckpointError(.archive, at: location, "an entry of the archive's directory is cut off") }
        guard let name = String(validating: nameBytes, as: UTF8.self), !name.isEmpty, !name.utf8.contains(0) else {
            throw CheckpointError(.archive, at: location, "the name of an entry is not UTF-8 text")
        }
        self.name = name
        self.start = start
        flags = number16(8)
        method = number16(10)
        checksum = number32(16)
        var fields = [number32(24), number32(20), number32(42)].map(UInt64.init)
        var place = 0
        let long = Self.field(ZipSignature.extra64, in: extra)
        // The extra field holds only the numbers that did not fit, in this order.
        for index in fields.indices where fields[index] == UInt64(ZipSignature.sentinel32) {
            guard let value = long?.little(UInt64.self, at: place) else {
                throw CheckpointError(.archive, at: location, "\"\(name)\" lacks its 64-bit size or offset")
            }
            fields[index] = value
            place += 8
        }
        (size, packedSize, localOffset) = (fields[0], fields[1], fields[2])
    }

    /// Finds the content behind the local header.
    ///
    /// - Parameter limit: where the directory starts; the content ends there or before.
    /// - Returns: the entry, and the bytes that it takes with its header.
    /// - Throws: `CheckpointError.archive`.
    func locate(
        in file: UnsafeRawBufferPointer, before limit: Int, path: String?
    ) throws(CheckpointError) -> (entry: ZipEntry, span: Range<Int>) {
        guard localOffset <= UInt64(limit), limit - Int(localOffset) >= ZipSignature.localHeaderBytes,
            file.little(UInt32.self, at: Int(localOffset)) == ZipSignature.localHeader
        else {
            throw CheckpointError(
                .archive, at: DataLocation(path: path, byteOffset: start),
                "\"\(name)\" should start at byte \(localOffset), where there is no entry")
        }
        let local = Int(localOffset)
        let location = DataLocation(path: path, byteOffset: local)
        func number16(_ offset: Int) -> UInt16 { file.little(UInt16.self, at: local + offset) ?? 0 }
        func number32(_ offset: Int) -> UInt32 { file.little(UInt32.self, at: local + offset) ?? 0 }
        let nameCount = Int(number16(26))
        let nameStart = local + ZipSignature.localHeaderBytes
        guard let localName = file.slice(nameStart, count: nameCount), localName.elementsEqual(name.utf8),
            number16(8) == method
        else {
            throw CheckpointError(.archive, at: location, "the header here is not that of \"\(name)\", as it should be")
        }
        let dataStart = nameStart + nameCount + Int(number16(28))
        guard dataStart <= limit, packedSize <= UInt64(limit - dataStart) else {
            throw CheckpointError(
                .archive, at: location,
                "\"\(name)\" of \(packedSize) bytes from byte \(dataStart) does not end before the directory, which "
                    + "starts at byte \(limit)")
        }
        guard method != 0 || packedSize == size else {
            throw CheckpointError(
                .archive, at: location, "\"\(name)\" is stored, but has \(packedSize) bytes packed and \(size) unpacked"
            )
        }
        // PyTorch leaves the sizes zero here; where they are given they must be the same.
        if number16(6) & ZipSignature.sizesFollow == 0 {
            for (stated, wanted) in [(number32(18), packedSize), (number32(22), size)] {
                guard stated == ZipSignature.sentinel32 || UInt64(stated) == wanted else {
                    throw CheckpointError(
                        .archive, at: location,
                        "\"\(name)\" has \(stated) bytes by its header and \(wanted) by the directory")
                }
            }
        }
        let dataEnd = dataStart + Int(packedSize)
        let entry = ZipEntry(
            name: name, range: dataStart..<dataEnd, checksum: checksum, method: method,
            isEncrypted: flags & ZipSignature.encrypted != 0)
        return (entry, local..<dataEnd)
    }

    /// The content of the extra field with an id, or nil.
    private static func field(_ id: UInt16, in extra: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var offset = 0
        while let found = extra.little(UInt16.self, at: offset), let count = extra.little(UInt16.self, at: offset + 2) {
            if found == id { return extra.slice(offset + 4, count: Int(count)) }
            offset += 4 + Int(count)
        }
        return nil
    }
}
