package import Checkpoints
private import Layers
package import Runtime

/// Models in safetensors files, with the reference's parameter names and the configuration in the metadata.
package enum SAMCheckpoint {
    /// The file of weights that a path means: the file itself, the model of a training checkpoint's folder, or the best
    /// checkpoint of a training run's.
    ///
    /// - Throws: `FileError.missing` for a folder that is none of these.
    package static func file(at path: String) throws(FileError) -> String {
        guard FileSystem.isDirectory(path) else { return path }
        for folder in [path, path + "/checkpoints/best", path + "/checkpoints/last", path + "/best", path + "/last"] {
            let file = FileSystem.join(folder, modelFileName)
            if FileSystem.exists(file) { return file }
        }
        throw FileError(
            .missing, path: path, "the folder holds neither \(modelFileName) nor checkpoints of a training run")
    }

    /// Name of the weights in a training checkpoint's folder.
    package static let modelFileName = "model.safetensors"

    /// The model at a path, as `file(at:)` reads it.
    ///
    /// - Throws: `FileError`, `CheckpointError` or `SAMError`, each with the file's path.
    package static func read(_ path: String) throws -> SAMModel {
        let file = try file(at: path)
        return try model(of: try SafeTensors.read(file), path: file)
    }

    /// The model that a checkpoint holds.
    ///
    /// - Parameter path: where the checkpoint came from, for messages.
    /// - Throws: `SAMError` when it is of another family, `CheckpointError.mismatch` when tensors are missing,
    ///   unexpected or of another shape.
    package static func model(of state: StateDict, path: String? = nil) throws -> SAMModel {
        do {
            // Checks every shape before a model of that size is made.
            let model = SAMModel(try SAMConfiguration.identify(from: state), from: .zero)
            try state.load(into: model.parameters)
            return model
        } catch var error as SAMError {
            error.location = DataLocation(path: path)
            throw error
        } catch var error as CheckpointError {
            error.location = DataLocation(path: path)
            throw error
        }
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
