private import Runtime

/// A checkpoint of any kind that is known by its content: safetensors, one file or several, and PyTorch's `.pth`, new and
/// old.
///
/// Tensors stay in the file, mapped, until they are asked for.
package struct CheckpointFile: Sendable {
    /// The path as given.
    package let path: String
    /// The folder of the file, which is the path itself where that is a folder; empty for the current one.
    package let folder: String
    /// The tensors, by the model's own names.
    package let state: StateDict
    /// How the file was read.
    package let report: CheckpointReport

    /// Names of weights in a folder of Hugging Face's, the best first.
    package static let folderFiles = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"]

    /// Reads a file, or the weights in a folder.
    ///
    /// Nothing of the file is run: a pickle that asks for more than tensors and plain values is refused by the name of
    /// what it asks for. Dictionaries around the state dict are unwrapped, prefixes of wrappers taken off the names, and
    /// everything else is left out; the report says what.
    ///
    /// - Parameters:
    ///   - path: a file of any name, an index of shards (`*.safetensors.index.json`), or a folder that holds one of
    ///     ``folderFiles``.
    ///   - scope: which checksums of a zip archive are verified.
    /// - Throws: `FileError` when a file cannot be opened, `CheckpointError` when its content is wrong.
    package static func read(_ path: String, verifying scope: ChecksumScope = .small) throws -> CheckpointFile {
        let isFolder = FileSystem.isDirectory(path)
        let file = isFolder ? try weights(in: path) : path
        let loaded: LoadedState
        switch try CheckpointSniffing.format(of: file) {
        case .safeTensors:
            loaded = LoadedState(format: .safeTensors, files: [file], state: try SafeTensors.read(file))
        case .shardedSafeTensors: loaded = try ShardedSafeTensors.read(file)
        case .pyTorchArchive: loaded = try PyTorchArchive.load(file, verifying: scope)
        case .pyTorchLegacy: loaded = try PyTorchLegacy.load(file)
        }
        let (state, stripped) = loaded.state.strippingPrefixes()
        let report = CheckpointReport(
            format: loaded.format, files: loaded.files, unwrapped: loaded.unwrapped, strippedPrefixes: stripped,
            ignored: loaded.ignored, ignoredCount: loaded.ignoredCount)
        return CheckpointFile(
            path: path, folder: isFolder ? path : CheckpointFile.folder(of: path), state: state, report: report)
    }

    /// The folder of a file, empty for the current one.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func weights(in folder: String) throws(FileError) -> String {
        for name in folderFiles {
            let file = FileSystem.join(folder, name)
            if FileSystem.exists(file) { return file }
        }
        throw FileError(
            .missing, path: folder, "the folder holds none of \(folderFiles.joined(separator: ", "))")
    }
}
