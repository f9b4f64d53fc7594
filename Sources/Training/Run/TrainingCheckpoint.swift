private import Checkpoints
private import JSONText
package import Layers
private import Runtime
package import SAM
private import Tensors

/// The files of a training checkpoint's folder: `model.safetensors`, `optimizer.safetensors`, `state.json`.
///
/// A run with adapters writes `adapter.safetensors` in place of the model: what was trained, and what it belongs to.
package enum TrainingCheckpoint {
    static let optimizerFileName = "optimizer.safetensors"
    static let stateFileName = "state.json"

    /// Writes all three; the same training writes the same bytes.
    ///
    /// - Parameters:
    ///   - model: the whole model.
    ///   - parameters: what is trained of it.
    ///   - adapter: what the run's adapters belong to, or nil for a run without.
    package static func write(
        model: SAMModel, parameters: TrainedParameters, adapter: AdapterDescription?, optimizer: AdamW,
        state: TrainingState, to folder: String
    ) throws {
        if let adapter {
            try SafeTensors.write(
                parameters.state(adapter, epoch: state.epoch),
                to: FileSystem.join(folder, AdapterCheckpoint.fileName))
        } else {
            try SAMCheckpoint.write(model, to: FileSystem.join(folder, SAMCheckpoint.modelFileName))
        }
        try SafeTensors.write(
            optimizerState(optimizer), to: FileSystem.join(folder, optimizerFileName))
        try AtomicFileWriter.write(
            state.json.text(pretty: true) + "\n", to: FileSystem.join(folder, stateFileName))
    }

    /// The state that a folder holds.
    ///
    /// - Throws: `FileError`, `JSONError` or `TrainingError.checkpoint`.
    package static func readState(_ folder: String) throws -> TrainingState {
        let path = FileSystem.join(folder, stateFileName)
        let bytes = try FileSystem.read(path)
        return try TrainingState(json: bytes.withUnsafeBytes { try JSONDocument.parse($0, path: path) }, path: path)
    }

    /// The model of a folder: whole, or the base of an adapter that is to be trained on.
    ///
    /// - Throws: what `SAMCheckpoint` and `AdapterCheckpoint` throw.
    package static func readModel(_ folder: String) throws -> (model: SAMModel, adapter: AdapterCheckpoint?) {
        let path = FileSystem.join(folder, AdapterCheckpoint.fileName)
        guard FileSystem.exists(path) else { return (try SAMCheckpoint.read(folder), nil) }
        let adapter = try AdapterCheckpoint(try CheckpointFile.read(path))
        return (try adapter.base(), adapter)
    }

    // MARK: Optimiser

    /// Names are PyTorch's of AdamW: `NAME.exp_avg`, `NAME.exp_avg_sq`, `NAME.step`.
    private static func optimizerState(_ optimizer: AdamW) -> StateDict {
        var result = StateDict()
        for parameter in optimizer.groups.flatMap(\.parameters) {
            guard let state = optimizer.states[parameter.name] else { continue }
            result.append(parameter.name + ".exp_avg", StateTensor(state.firstMoment))
            result.append(parameter.name + ".exp_avg_sq", StateTensor(state.secondMoment))
            result.append(parameter.name + ".step", StateTensor(shape: [], values: [Float(state.step)]))
        }
        return result
    }

    /// Takes over what the optimiser of a folder remembers.
    ///
    /// - Throws: `TrainingError.checkpoint` when it is not that of these parameters.
    package static func restore(_ optimizer: inout AdamW, from folder: String) throws {
        let path = FileSystem.join(folder, optimizerFileName)
        let stored = try SafeTensors.read(path)
        var states: [String: AdamW.State] = [:]
        for parameter in optimizer.groups.flatMap(\.parameters) {
            let parts = ["exp_avg", "exp_avg_sq", "step"].map { stored["\(parameter.name).\($0)"] }
            guard let first = parts[0], let second = parts[1], let step = parts[2] else { continue }
            guard first.shape == parameter.shape, second.shape == parameter.shape, step.elementCount == 1,
                let count = Int(exactly: step.floats()[0]), count > 0
            else {
                throw TrainingError(
                    .checkpoint,
                    "the moments of \(parameter.name) do not fit the parameter, of shape \(parameter.shape)",
                    at: DataLocation(path: path))
            }
            states[parameter.name] = AdamW.State(
                step: count, firstMoment: first.tensor(), secondMoment: second.tensor())
        }
        guard states.count * 3 == stored.count else {
            throw TrainingError(
                .checkpoint,
                "holds \(stored.count) tensors, of which \(states.count * 3) belong to parameters that are trained",
                at: DataLocation(path: path))
        }
        optimizer.states = states
    }
}
