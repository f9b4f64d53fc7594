private import JSONText
private import Runtime

/// Text about the tensors in a PyTorch archive: an entry of our own, which PyTorch passes over.
///
/// A state dict has no place for a model's configuration; without it, a reader has to guess what shapes do not tell.
enum PyTorchMetadata {
    /// The entry's path below the archive's top folder.
    static let entryName = ".samdata/metadata.json"
    /// Bytes of the largest entry that is read.
    private static let largest = 1 << 20

    /// The entry's content: one JSON object of strings, sorted by key.
    static func encoded(_ metadata: [String: String]) -> [UInt8] {
        let members = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return Array(JSONValue.object(members.map { JSONMember($0.key, .string($0.value)) }).text().utf8)
    }

    /// - Parameter bytes: the entry's content.
    /// - Throws: `CheckpointError.header` for anything but an object of strings.
    static func decoded(_ bytes: UnsafeRawBufferPointer, path: String) throws(CheckpointError) -> [String: String] {
        func error(_ cause: (any Error)? = nil) -> CheckpointError {
            CheckpointError(
                .header, at: DataLocation(path: path), "\(entryName) in the archive is no JSON object of strings",
                cause: cause)
        }
        guard bytes.count <= largest else { throw error() }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONDocument.parse(bytes, path: path)
        } catch {
            throw CheckpointError(
                .header, at: DataLocation(path: path), "\(entryName) in the archive is no JSON object of strings",
                cause: error)
        }
        guard let members = document.object else { throw error() }
        var metadata: [String: String] = [:]
        for member in members {
            guard let text = member.value.string, metadata.updateValue(text, forKey: member.name) == nil else {
                throw error()
            }
        }
        return metadata
    }
}
