private import Runtime
package import SAM

/// Where a run's model comes from: a checkpoint, or random weights.
package enum ModelSource: Sendable, Hashable {
    case checkpoint(String)
    case random(SAMConfiguration.Preset, seed: UInt64)

    /// - Throws: `TrainingError.configuration` for a model that is not known by name.
    package init(_ configuration: TrainingConfiguration) throws(TrainingError) {
        if let path = configuration.weights {
            self = .checkpoint(path)
            return
        }
        let name = configuration.model ?? SAMConfiguration.Preset.nano.rawValue
        guard let preset = ModelName.preset(name) else {
            throw TrainingError(
                .configuration,
                "model: there is no '\(name)'; \(ModelName.sentence)."
                    + NameSuggestion.sentence(for: name.lowercased(), among: ModelName.all))
        }
        self = .random(preset, seed: configuration.seed)
    }

    /// Reads or makes the model.
    ///
    /// - Parameters:
    ///   - expected: name of the architecture that the run asks for, or nil.
    ///   - adapter: low-rank updates that are added to the weights of a checkpoint.
    /// - Throws: what `SAMCheckpoint` throws; `TrainingError.configuration` when the weights are of another architecture.
    package func model(expecting expected: String?, adapter: String? = nil) throws -> SAMModel {
        switch self {
        case .random(let preset, let seed): return ScratchWeights.model(preset.configuration, seed: seed)
        case .checkpoint(let path):
            let model = try SAMCheckpoint.read(path, options: CheckpointOptions(adapter: adapter))
            let name = model.configuration.modelName
            if let expected, ModelName.preset(expected).map({ $0 != model.configuration.preset }) ?? (expected != name)
            {
                throw TrainingError(
                    .configuration, "the weights are of \(name), but the model asked for is \(expected)",
                    at: DataLocation(path: path))
            }
            return model
        }
    }
}
