package import Checkpoints
private import Layers
private import Runtime

/// A model's checkpoint that was read and recognised: its tensors under the reference's names, and its dimensions.
package struct OpenedCheckpoint: Sendable {
    /// What a model's dimensions can be told by.
    package enum Teller: String, Sendable, Hashable {
        case metadata = "its metadata"
        /// Hugging Face's `config.json`, beside the shapes.
        case configurationFile = "config.json and the shapes of its tensors"
        case shapes = "the shapes of its tensors"
    }

    /// Where the tensors came from.
    package let source: CheckpointFile
    /// The tensors under the reference's names, changed as the options ask; still in the file otherwise.
    package let state: StateDict
    package let configuration: SAMConfiguration
    /// What told the configuration.
    package let teller: Teller
    /// What was done to the tensors on the way, in sentences.
    package let remarks: [String]

    /// - Parameters:
    ///   - source: the file.
    ///   - options: what else is wanted.
    /// - Throws: `SAMError` when the tensors are of no family that is known, or do not fit together; `CheckpointError`
    ///   when an adapter does not fit; each with the file's path.
    package init(_ source: CheckpointFile, options: CheckpointOptions = CheckpointOptions()) throws {
        var remarks: [String] = []
        self.source = source
        do {
            let found = try Self.composed(source, remarks: &remarks)
            var (state, prefix) = found.belowModelPrefix()
            if let prefix {
                let others = found.count - state.count
                remarks.append(
                    "the model's tensors are under \(prefix)" + (others == 0 ? "" : "; \(others) others are left out"))
            }
            state = state.withoutSpareParts()
            let isHuggingFace = state.hasHuggingFaceNames
            if isHuggingFace {
                state = state.withReferenceNames
                remarks.append("the tensors have the names of Hugging Face transformers")
            }
            if LoRAAdapter.isAdapter(state) {
                throw SAMError(
                    .family,
                    "the file holds low-rank updates only; give the model as the weights, and this file as the adapter")
            }
            if let path = options.adapter {
                let adapter = try Self.adapter(path)
                state = try adapter.merged(into: state)
                remarks.append(
                    "low-rank updates of rank \(adapter.rank) added to \(adapter.blockCount) blocks"
                        + (adapter.replacedCount == 0 ? "" : ", and \(adapter.replacedCount) tensors replaced"))
            }
            var configuration = try SAMConfiguration.identify(from: state)
            if isHuggingFace { configuration = try HuggingFaceFolder.refine(configuration, folder: source.folder) }
            if let recipe = options.preprocessing { configuration.preprocessing = recipe }
            if let side = options.imageSize, side != configuration.imageSize {
                let trained = configuration.imageSize
                try configuration.resizeInput(to: side)
                if case .vit(let vit) = configuration.encoder { state = PositionGrid.resized(state, to: vit.gridSize) }
                let note = if case .tinyViT = configuration.encoder { "" } else { "; positions are interpolated" }
                remarks.append("input of \(side) pixels instead of \(trained)\(note)")
            }
            if state.metadata[SAMConfiguration.metadataKey] != nil {
                teller = .metadata
            } else {
                let hasFile = isHuggingFace && HuggingFaceFolder.hasConfiguration(source.folder)
                teller = hasFile ? .configurationFile : .shapes
            }
            if teller == .shapes && configuration.preset == nil {
                remarks.append(
                    "shapes do not tell the heads of the mask decoder, for which \(configuration.transformerNumHeads) are "
                        + "taken, nor how images are prepared, for which SAM's way is")
            }
            self.state = state
            self.configuration = configuration
        } catch var error as SAMError {
            error.location = error.location ?? DataLocation(path: source.path)
            throw error
        } catch var error as CheckpointError {
            error.location = error.location ?? DataLocation(path: source.path)
            throw error
        }
        self.remarks = remarks
    }

    /// The model with the checkpoint's weights.
    ///
    /// - Throws: `CheckpointError.mismatch` that names every tensor that is missing, unexpected or of another shape.
    package func model() throws -> SAMModel {
        do throws(CheckpointError) {
            // The shapes were checked when the checkpoint was recognised: no model of absurd size is made here.
            let model = SAMModel(configuration, from: .zero)
            try state.load(into: model.parameters)
            return model
        } catch {
            var located = error
            located.location = DataLocation(path: source.path)
            throw located
        }
    }

    /// The tensors of a file; of what was trained beside a base, those of both together.
    private static func composed(_ source: CheckpointFile, remarks: inout [String]) throws -> StateDict {
        guard AdapterCheckpoint.isAdapter(source.state) else { return source.state }
        let adapter = try AdapterCheckpoint(source)
        let state = SAMCheckpoint.state(of: try adapter.merged())
        let (updates, replaced) = (adapter.description.updates.count, adapter.replacements.count)
        remarks.append(
            "\(updates) low-rank updates of rank \(adapter.description.ranks) and \(replaced) trained tensors merged into "
                + adapter.description.base)
        return state
    }

    /// The low-rank updates of a file of Sam_LoRA or SAMed.
    ///
    /// - Throws: `CheckpointError` for a file that holds something else.
    package static func adapter(_ path: String) throws -> LoRAAdapter {
        let file = try CheckpointFile.read(path)
        do throws(CheckpointError) {
            if AdapterCheckpoint.isAdapter(file.state) {
                throw CheckpointError(
                    .mismatch,
                    "the file holds what samdata trained beside a base, which it names; give it as the weights")
            }
            guard LoRAAdapter.isAdapter(file.state) else {
                throw CheckpointError(
                    .mismatch, "the file holds no low-rank updates: there is no tensor w_a_000")
            }
            return try LoRAAdapter(file.state)
        } catch {
            var located = error
            located.location = DataLocation(path: path)
            throw located
        }
    }
}
