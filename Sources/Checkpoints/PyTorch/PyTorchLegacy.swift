private import Runtime

/// Reads files of `torch.save` of before PyTorch 1.6, or of later ones with `_use_new_zipfile_serialization=False`.
///
/// Five pickles in a row: a magic number, the protocol's version 1001, facts about the system, the object, the keys of the
/// storages; then each storage in the order of the keys: a 64-bit number of elements and the elements. Source: PyTorch,
/// `torch/serialization.py`.
enum PyTorchLegacy {
    /// 0x1950a86a20f9469cfc6c, little-endian.
    private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    private static let protocolVersion = 1001

    /// Reads the pickles and finds the tensors behind them.
    ///
    /// - Throws: `FileError` when the file cannot be opened; `CheckpointError` when its content is wrong.
    static func load(_ path: String) throws -> LoadedState {
        let file = try MappedFile(path: path, access: .random)
        let (graph, runs) = try file.withBytes { bytes throws(CheckpointError) in
            var offset = 0
            func next() throws(CheckpointError) -> PickleGraph {
                var unpickler = Unpickler(
                    bytes, range: offset..<bytes.count, path: path, permit: PyTorchGlobals.refusal)
                let (graph, end) = try unpickler.run()
                offset = end
                return graph
            }
            guard try next().root == .largeInteger(magic) else {
                throw CheckpointError(
                    .format, at: DataLocation(path: path, byteOffset: 0),
                    "this is a Python pickle, but not one of torch.save; load it in Python and save its tensors with "
                        + "torch.save")
            }
            let version = try next().root
            guard version == .integer(protocolVersion) else {
                throw CheckpointError(
                    .pickle, at: DataLocation(path: path, byteOffset: offset),
                    "the file is of a version other than \(protocolVersion), the only one there was")
            }
            let system = try next()
            if let facts = system.dictionary(system.root), system.member("little_endian", of: facts) == .bool(false) {
                throw CheckpointError(
                    .scalarType, at: DataLocation(path: path),
                    "the tensors are stored in big-endian order; load the file in Python and save it anew on this machine"
                )
            }
            let graph = try next()
            let keys = try next()
            return (graph, try storages(keys, of: graph, in: bytes, from: offset, path: path))
        }
        let selection = try PyTorchSelection(PyTorchTensors(graph, file: file, runs: runs), path: path)
        return LoadedState(format: .pyTorchLegacy, files: [path], selection)
    }

    /// The bytes of each storage, which follow the list of keys.
    private static func storages(
        _ keys: PickleGraph, of graph: PickleGraph, in bytes: UnsafeRawBufferPointer, from start: Int, path: String
    ) throws(CheckpointError) -> [String: Range<Int>] {
        var sizes: [String: Int] = [:]
        for id in graph.persistentIDs {
            let storage = try PyTorchStorage(id, of: graph, path: path)
            sizes[storage.key] = storage.scalarType?.byteCount ?? 1
        }
        var offset = start
        func failure(_ code: CheckpointError.Code, _ message: String) -> CheckpointError {
            CheckpointError(code, at: DataLocation(path: path, byteOffset: offset), message)
        }
        guard let list = keys.elements(keys.root) else { throw failure(.pickle, "the list of storages is missing") }
        var runs: [String: Range<Int>] = [:]
        for value in list {
            guard let key = value.text, let size = sizes[key] else {
                throw failure(.pickle, "the list of storages names one that no tensor uses, so its size is not known")
            }
            guard let count = bytes.little(Int64.self, at: offset) else {
                throw failure(.truncated, "storage \"\(key)\" is missing: the file is cut off")
            }
            let (length, overflow) = Int(count).multipliedReportingOverflow(by: size)
            offset += 8
            guard count >= 0, !overflow, length <= bytes.count - offset else {
                throw failure(
                    .truncated,
                    "storage \"\(key)\" should hold \(count) elements of \(size) bytes, but the file ends after "
                        + "\(bytes.count - offset) bytes")
            }
            guard runs.updateValue(offset..<offset + length, forKey: key) == nil else {
                throw failure(.pickle, "the list of storages names \"\(key)\" twice")
            }
            offset += length
        }
        guard offset == bytes.count else {
            throw failure(.layout, "\(bytes.count - offset) bytes follow the last storage")
        }
        return runs
    }
}
