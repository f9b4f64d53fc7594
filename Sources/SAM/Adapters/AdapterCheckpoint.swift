package import Checkpoints
private import JSONText
private import Layers
private import Runtime
package import Tensors

/// A checkpoint that holds what was trained beside a base, and not the base: low-rank updates under their own names, and
/// whole parameters that were trained, which replace the base's.
package struct AdapterCheckpoint: Sendable {
    /// Name of the file in a training checkpoint's folder, in place of the model's.
    package static let fileName = "adapter.safetensors"
    /// Adapters that may stand on each other: a base can be an adapter's checkpoint itself.
    private static let longestChain = 8

    package var description: AdapterDescription
    private let state: StateDict
    /// The file's path.
    private let path: String

    /// Whether tensors are those of such a checkpoint.
    package static func isAdapter(_ state: StateDict) -> Bool { state.metadata[AdapterDescription.metadataKey] != nil }

    /// - Throws: `CheckpointError.mismatch` for a description that cannot be used, or updates without matrices of their
    ///   shapes.
    package init(_ file: CheckpointFile) throws(CheckpointError) {
        try self.init(file.state, path: file.report.files.first ?? file.path)
    }

    /// - Parameter path: of the file, for messages and to find the base from.
    package init(_ state: StateDict, path: String) throws(CheckpointError) {
        do throws(CheckpointError) {
            let text = state.metadata[AdapterDescription.metadataKey] ?? ""
            guard let json = try? JSONDocument.parse(text) else {
                throw CheckpointError(
                    .mismatch, "the adapter's description (\(AdapterDescription.metadataKey)) is no JSON")
            }
            description = try AdapterDescription(json: json)
            for update in description.updates {
                let (a, b) = (state[update.site.nameOfA], state[update.site.nameOfB])
                guard let a, let b, a.shape.count == 2, b.shape.count == 2, a.shape[0] == update.rank,
                    b.shape[1] == update.rank
                else {
                    throw CheckpointError(
                        .mismatch,
                        "\(update.site.nameOfA) and \(update.site.nameOfB) of rank \(update.rank) are wanted, not "
                            + "\(a.map { "\($0.shape)" } ?? "none") and \(b.map { "\($0.shape)" } ?? "none")")
                }
            }
        } catch {
            var located = error
            located.location = DataLocation(path: path)
            throw located
        }
        self.state = state
        self.path = path
    }

    /// Tensors that replace the base's.
    package var replacements: [StateDict.Entry] {
        let own = Set(description.updates.flatMap { [$0.site.nameOfA, $0.site.nameOfB] })
        return state.entries.filter { !own.contains($0.name) }
    }

    /// The tensor of a name.
    package subscript(name: String) -> StateTensor? { state[name] }

    // MARK: Writing

    /// The checkpoint of what was trained.
    ///
    /// - Parameters:
    ///   - updates: with their matrices.
    ///   - replacements: the base's parameters that were trained themselves.
    package static func state(
        _ description: AdapterDescription, updates: [AdapterUpdate], replacements: [Parameter]
    ) -> StateDict {
        var state = StateDict(updates.flatMap(\.parameters) + replacements)
        state.metadata["format"] = "pt"
        state.metadata[AdapterDescription.metadataKey] = description.json.text()
        return state
    }

    /// All of the checkpoint with its description as it is now, to be written again.
    package var described: StateDict {
        var state = state
        state.metadata[AdapterDescription.metadataKey] = description.json.text()
        return state
    }

    // MARK: Composing

    /// The model that the updates belong to, without them.
    ///
    /// - Throws: `FileError.missing` when the base is gone, `CheckpointError.mismatch` when it is another one; what reading
    ///   it throws.
    package func base() throws -> SAMModel { try base(depth: 1) }

    private func base(depth: Int) throws -> SAMModel {
        guard depth <= Self.longestChain else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: path), "more than \(Self.longestChain) adapters stand on each other")
        }
        let file = try CheckpointFile.read(try SAMCheckpoint.file(at: try basePath(description.base)))
        let model: SAMModel
        if Self.isAdapter(file.state) {
            model = try AdapterCheckpoint(file).merged(depth: depth + 1)
        } else {
            let adapter = try description.baseAdapter.map { try basePath($0) }
            model = try OpenedCheckpoint(file, options: CheckpointOptions(adapter: adapter)).model()
        }
        guard model.weightsDigest == description.baseDigest else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: path),
                "the adapter belongs to other weights than \(description.base) holds now (\(description.modelName), SHA-256 "
                    + "\(description.baseDigest.prefix(12))...)")
        }
        return model
    }

    /// Where a file of the base is: at its path, or beside the adapter or its run, if both were moved.
    private func basePath(_ name: String) throws(FileError) -> String {
        let folder = CheckpointFile.folder(of: path)
        let last = FileSystem.lastComponent(name)
        let places = [name, last, "../../" + last, "../../../" + last].map { place in
            FileSystem.join(folder.isEmpty ? "." : folder, place)
        }
        if let found = places.first(where: FileSystem.exists) { return found }
        throw FileError(
            .missing, path: path,
            "the adapter belongs to \(name), which is not there (\(description.modelName), SHA-256 "
                + "\(description.baseDigest.prefix(12))...); put it back, or beside the adapter's folder")
    }

    /// The base with the updates attached to it, and with the parameters that were trained themselves.
    ///
    /// - Throws: as ``base()``; `CheckpointError.mismatch` for what does not fit the base.
    package func attached() throws -> SAMModel { try attached(depth: 1) }

    private func attached(depth: Int) throws -> SAMModel {
        let model = try base(depth: depth)
        do throws(CheckpointError) {
            model.attach(try updates(for: model))
            try replace(in: model)
        } catch {
            var located = error
            located.location = DataLocation(path: path)
            throw located
        }
        return model
    }

    /// The same with the updates merged into the weights.
    package func merged() throws -> SAMModel { try merged(depth: 1) }

    private func merged(depth: Int) throws -> SAMModel {
        let model = try attached(depth: depth)
        _ = MergedUpdates(of: model.parameters)
        return model
    }

    private func updates(for model: SAMModel) throws(CheckpointError) -> [AdapterUpdate] {
        let matrices = Dictionary(uniqueKeysWithValues: model.matrices.map { ($0.name, $0) })
        var updates: [AdapterUpdate] = []
        for update in description.updates {
            let site = update.site
            guard let weight = matrices[site.weight],
                let rows = site.rows(of: weight.shape[0], in: model.configuration),
                let a = state[site.nameOfA], let b = state[site.nameOfB], a.shape == [update.rank, weight.shape[1]],
                b.shape == [rows.reduce(0) { $0 + $1.count }, update.rank]
            else {
                throw CheckpointError(
                    .mismatch, "the update \(site.nameOfB) does not fit the base, a \(model.configuration.modelName)")
            }
            let made = AdapterUpdate(
                site, rank: update.rank, alpha: update.alpha, rows: rows, inputs: weight.shape[1], from: .zero)
            made.update.a.value = a.tensor()
            made.update.b.value = b.tensor()
            updates.append(made)
        }
        return updates
    }

    /// Sets parameters of the base to what was trained of them.
    private func replace(in model: SAMModel) throws(CheckpointError) {
        let parameters = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0) })
        for entry in replacements {
            guard let parameter = parameters[entry.name], parameter.shape == entry.tensor.shape else {
                throw CheckpointError(
                    .mismatch,
                    "the adapter holds \(entry.name) of shape \(entry.tensor.shape), which the base, a "
                        + "\(model.configuration.modelName), has no place for")
            }
            parameter.value = entry.tensor.tensor()
        }
    }
}
