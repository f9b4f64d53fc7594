private import Runtime

/// Tells the formats of checkpoints apart by their first bytes, whatever the file is called.
enum CheckpointSniffing {
    /// The kind of a file.
    ///
    /// - Throws: `FileError` when it cannot be opened; `CheckpointError.format` when it is none of them, with its name
    ///   where it is known.
    static func format(of path: String) throws -> CheckpointReport.Format {
        try MappedFile(path: path, access: .random).withBytes {
            bytes throws(CheckpointError) -> CheckpointReport.Format in
            if let format = format(of: bytes) { return format }
            let location = DataLocation(path: path, byteOffset: 0)
            let known = "samdata reads safetensors and PyTorch checkpoints"
            if let name = ForeignFormat.describe(bytes) {
                let advice = name.contains("tar") ? "; load it in Python and save it anew with torch.save" : ""
                throw CheckpointError(.format, at: location, "this is \(name); \(known)\(advice)")
            }
            guard bytes.count <= 8 || bytes[4..<8].allSatisfy({ $0 == 0 }) else {
                throw CheckpointError(.format, at: location, "this is no checkpoint of a known format; \(known)")
            }
            // Too short, or nearly safetensors: that reader says best what is wrong.
            return .safeTensors
        }
    }

    /// The kind of a file by its bytes, or nil.
    private static func format(of bytes: UnsafeRawBufferPointer) -> CheckpointReport.Format? {
        if bytes.count > 8, bytes[4..<8].allSatisfy({ $0 == 0 }), bytes[8] == UInt8(ascii: "{") { return .safeTensors }
        if bytes.little(UInt32.self, at: 0) == ZipSignature.localHeader { return .pyTorchArchive }
        let isTar = ForeignFormat.describe(bytes)?.contains("tar archive") == true
        if bytes.first == PickleOpcode.protocolVersion.rawValue, bytes.count > 1, bytes[1] <= 5, !isTar {
            return .pyTorchLegacy
        }
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
        if bytes.first(where: { !blanks.contains($0) }) == UInt8(ascii: "{") { return .shardedSafeTensors }
        return nil
    }
}
