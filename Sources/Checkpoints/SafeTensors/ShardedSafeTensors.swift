private import JSONText
private import Runtime

/// Reads tensors spread over several safetensors files, by the index beside them (`*.safetensors.index.json`).
///
/// The index maps each tensor's name to its file: `{"metadata": {…}, "weight_map": {name: file}}`.
enum ShardedSafeTensors {
    /// Bytes of the largest index that is read.
    private static let maximumIndexBytes = 16 << 20

    /// Reads all shards; the tensors come in the order of the files' names, then of their bytes.
    ///
    /// - Throws: `FileError` when a file cannot be opened; `CheckpointError.header` when the index is not as it should be
    ///   or disagrees with a shard; the errors of `SafeTensors.read`.
    static func read(_ path: String) throws -> LoadedState {
        let map = try weightMap(of: path)
        var namesByFile: [String: Set<String>] = [:]
        for (name, file) in map { namesByFile[file, default: []].insert(name) }
        let folder = CheckpointFile.folder(of: path)
        var state = StateDict()
        var files = [path]
        for file in namesByFile.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let shardPath = FileSystem.join(folder, file)
            let shard = try SafeTensors.read(shardPath)
            let wanted = namesByFile[file] ?? []
            func failure(_ message: String) -> CheckpointError {
                CheckpointError(.header, at: DataLocation(path: path), message + "; fetch the whole folder again")
            }
            if let lost = wanted.subtracting(shard.names).min() {
                throw failure("the index places tensor \"\(lost)\" in \(file), which does not hold it")
            }
            for entry in shard.entries {
                guard wanted.contains(entry.name) else {
                    let other = map[entry.name].map { "places it in \($0)" } ?? "does not name it"
                    throw failure("\(file) holds tensor \"\(entry.name)\", but the index \(other)")
                }
                state.append(entry.name, entry.tensor)
            }
            state.metadata.merge(shard.metadata) { first, _ in first }
            files.append(shardPath)
        }
        return LoadedState(format: .shardedSafeTensors, files: files, state: state)
    }

    /// The file of each tensor.
    private static func weightMap(of path: String) throws -> [String: String] {
        let location = DataLocation(path: path)
        let document: JSONValue
        do {
            document = try JSONDocument.read(path: path, maximumBytes: maximumIndexBytes)
        } catch let error as JSONError {
            throw CheckpointError(.header, at: location, "the index is not a JSON document", cause: error)
        }
        guard let members = document["weight_map"]?.object else {
            throw CheckpointError(
                .format, at: location,
                "this JSON document has no object \"weight_map\", so it is no index of a checkpoint's shards")
        }
        var map: [String: String] = [:]
        for member in members {
            guard let file = member.value.string, isFileName(file) else {
                throw CheckpointError(
                    .header, at: location,
                    "the index places tensor \"\(member.name)\" in \(member.value.text()), which is not the name of a "
                        + "safetensors file in the same folder")
            }
            map[member.name] = file
        }
        return map
    }

    /// Whether a text is a file's name alone, with no way to another folder.
    private static func isFileName(_ text: String) -> Bool {
        text.hasSuffix(".safetensors") && !text.hasPrefix(".")
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}
