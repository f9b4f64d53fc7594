package import Checkpoints
private import Layers
package import Runtime

/// Models in files: read from anybody's, written with the reference's parameter names and the configuration in the metadata.
package enum SAMCheckpoint {
    /// The file or folder of weights that a path means: itself, the model of a training checkpoint's folder, or the best
    /// checkpoint of a training run's.
    ///
    /// - Throws: `FileError.missing` for a folder that is none of these.
    package static func file(at path: String) throws(FileError) -> String {
        guard FileSystem.isDirectory(path) else { return path }
        for folder in [path, path + "/checkpoints/best", path + "/checkpoints/last", path + "/best", path + "/last"] {
            let file = FileSystem.join(folder, modelFileName)
            // A folder with a configuration beside the weights is Hugging Face's, and is read as one.
            if FileSystem.exists(FileSystem.join(folder, "config.json")) { return folder }
            if FileSystem.exists(file) { return file }
            let adapter = FileSystem.join(folder, AdapterCheckpoint.fileName)
            if FileSystem.exists(adapter) { return adapter }
        }
        if CheckpointFile.folderFiles.contains(where: { FileSystem.exists(FileSystem.join(path, $0)) }) { return path }
        throw FileError(
            .missing, path: path,
            "the folder holds neither \(modelFileName) nor \(AdapterCheckpoint.fileName), nor checkpoints of a training run")
    }

    /// Name of the weights in a training checkpoint's folder.
    package static let modelFileName = "model.safetensors"

    /// What lies at a path, as `file(at:)` reads it, recognised.
    ///
    /// - Throws: `FileError`, `CheckpointError` or `SAMError`, each with the file's path.
    package static func open(
        _ path: String, options: CheckpointOptions = CheckpointOptions()
    ) throws -> OpenedCheckpoint {
        try OpenedCheckpoint(try CheckpointFile.read(try file(at: path)), options: options)
    }

    /// The model at a path.
    ///
    /// - Throws: as ``open(_:options:)``; `CheckpointError.mismatch` when tensors are missing, unexpected or of another shape.
    package static func read(_ path: String, options: CheckpointOptions = CheckpointOptions()) throws -> SAMModel {
        try open(path, options: options).model()
    }

    /// The model's tensors and configuration, ready to be written.
    ///
    /// - Parameter metadata: further text by key.
    package static func state(of model: SAMModel, metadata: [String: String] = [:]) -> StateDict {
        var state = StateDict(model.parameters)
        state.metadata = metadata
        state.metadata["format"] = "pt"
        state.metadata[SAMConfiguration.metadataKey] = model.configuration.metadataText
        return state
    }

    /// Writes a model atomically; the same model and metadata give the same bytes.
    package static func write(
        _ model: SAMModel, to path: String, metadata: [String: String] = [:]
    ) throws(FileError) {
        try SafeTensors.write(state(of: model, metadata: metadata), to: path)
    }
}
