internal import JSONText
internal import Runtime

/// What one file of a checkpoint held when it was written, so that nobody trains on from damaged numbers.
package struct FileSum: Sendable, Hashable {
    /// Name within the checkpoint's folder.
    package let name: String
    package let bytes: Int
    /// CRC-32C of all of it.
    package let checksum: UInt32

    package init(name: String, bytes: Int, checksum: UInt32) {
        self.name = name
        self.bytes = bytes
        self.checksum = checksum
    }

    /// The sum of a file as it is.
    ///
    /// - Throws: `FileError` when it cannot be read.
    init(of name: String, in folder: String) throws(FileError) {
        let file = try MappedFile(path: FileSystem.join(folder, name))
        var sum = CRC32C()
        for start in stride(from: 0, to: file.bytes.count, by: Self.bytesAtOnce) {
            let range = start..<min(file.bytes.count, start + Self.bytesAtOnce)
            file.withBytes { sum.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
            // Pages of the file would count as the run's memory.
            file.discard(range)
        }
        self.init(name: name, bytes: file.bytes.count, checksum: sum.value)
    }

    private static let bytesAtOnce = 4 << 20

    /// Demands that a file of a folder is as it was.
    ///
    /// - Throws: `FileError` when it cannot be read, `TrainingError.checkpoint` when it was changed.
    package func check(in folder: String) throws {
        if try FileSum(of: name, in: folder) == self { return }
        throw TrainingError(
            .checkpoint,
            "is damaged: it does not hold what was written (\(bytes) bytes, CRC-32C \(Self.hex(checksum))); go on from a copy of the "
                + "checkpoint, or train anew", at: DataLocation(path: FileSystem.join(folder, name)))
    }

    // MARK: JSON

    /// `"NAME": {"bytes": N, "crc32c": "HEX"}`
    var json: JSONMember {
        JSONMember(name, ["bytes": .integer(Int64(bytes)), "crc32c": .string(Self.hex(checksum))])
    }

    init?(_ member: JSONMember) {
        // A name that leads out of the folder is none of its files.
        guard !member.name.contains("/"), let bytes = member.value["bytes"]?.int,
            let text = member.value["crc32c"]?.string,
            let checksum = UInt32(text, radix: 16)
        else { return nil }
        self.init(name: member.name, bytes: bytes, checksum: checksum)
    }

    /// Eight digits.
    static func hex(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
