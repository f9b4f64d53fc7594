private import Runtime

/// Reads and writes the zip archives of `torch.save` (PyTorch 1.6 and later).
///
/// Under one top folder of any name: `data.pkl`, the pickle; `data/0`, `data/1`, … the storages, stored as they are;
/// `version`, and where present `byteorder`. Source: PyTorch, `torch/serialization.py`, `caffe2/serialize/inline_container`.
package enum PyTorchArchive {
    /// Entries of up to so many bytes are checked against their checksum always.
    private static let smallBytes = 1 << 16
    private static let pickleName = "data.pkl"

    /// Reads the archive's pickle and finds its tensors.
    ///
    /// - Throws: `FileError` when the file cannot be opened; `CheckpointError` when its content is wrong.
    static func load(_ path: String, verifying scope: ChecksumScope) throws -> LoadedState {
        let file = try MappedFile(path: path, access: .random)
        let (graph, runs, metadata) = try file.withBytes { bytes throws(CheckpointError) in
            let archive = try ZipArchive(bytes, path: path)
            let (pickle, top) = try Self.pickle(of: archive, path: path)
            let folder = top + "data/"
            for entry in archive.entries where entry.name.hasPrefix(top) {
                // What is not read, such as the code of a TorchScript program, may be packed.
                let isRead =
                    entry.name == pickle.name || entry.name == top + "byteorder" || entry.name.hasPrefix(folder)
                    || entry.name == top + PyTorchMetadata.entryName
                if isRead { try archive.checkStored(entry) }
                guard entry.method == 0 else { continue }
                if scope == .all || entry.name == pickle.name || entry.range.count <= smallBytes {
                    try archive.checkChecksum(entry, in: bytes)
                }
            }
            if let order = archive[top + "byteorder"], !bytes[order.range].elementsEqual("little".utf8) {
                throw CheckpointError(
                    .scalarType, at: DataLocation(path: path, byteOffset: order.range.lowerBound),
                    "the tensors are stored in another byte order than \"little\"; load the file in Python and save it "
                        + "anew on this machine")
            }
            var unpickler = Unpickler(bytes, range: pickle.range, path: path, permit: PyTorchGlobals.refusal)
            let (graph, _) = try unpickler.run()
            var runs: [String: Range<Int>] = [:]
            for entry in archive.entries where entry.name.hasPrefix(folder) {
                runs[String(entry.name.dropFirst(folder.count))] = entry.range
            }
            let metadata = try archive[top + PyTorchMetadata.entryName].map { entry throws(CheckpointError) in
                try PyTorchMetadata.decoded(UnsafeRawBufferPointer(rebasing: bytes[entry.range]), path: path)
            }
            return (graph, runs, metadata ?? [:])
        }
        let selection = try PyTorchSelection(PyTorchTensors(graph, file: file, runs: runs), path: path)
        return LoadedState(format: .pyTorchArchive, files: [path], selection, metadata: metadata)
    }

    /// The entry `data.pkl` and the folder that it lies in, with its slash.
    private static func pickle(
        of archive: ZipArchive, path: String
    ) throws(CheckpointError) -> (entry: ZipEntry, top: String) {
        let found = archive.entries.filter { entry in
            let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
            return parts.last.map(String.init) == pickleName && parts.count <= 2
        }
        guard let entry = found.first, found.count == 1 else {
            let problem = found.isEmpty ? "no \(pickleName)" : "more than one \(pickleName)"
            throw CheckpointError(
                .format, at: DataLocation(path: path),
                "the zip archive holds \(problem) in a top folder, as a file of torch.save does; if it holds a checkpoint "
                    + "as a file, unpack it first")
        }
        return (entry, String(entry.name.dropLast(pickleName.count)))
    }
}

extension LoadedState {
    /// What was picked out of a pickle.
    ///
    /// - Parameter metadata: text that came beside the pickle.
    init(
        format: CheckpointReport.Format, files: [String], _ selection: PyTorchSelection,
        metadata: [String: String] = [:]
    ) {
        var state = selection.state
        state.metadata = metadata
        self.init(
            format: format, files: files, state: state, unwrapped: selection.unwrapped,
            ignored: selection.ignored, ignoredCount: selection.ignoredCount)
    }
}
