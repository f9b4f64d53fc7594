private import Checkpoints
private import JSONText
package import Layers
private import Runtime
package import SAM
private import Tensors

/// The files of a training checkpoint's folder: `model.safetensors`, `optimizer.safetensors`, `state.json`.
///
/// A run with adapters writes `adapter.safetensors` in place of the model: what was trained, and what it belongs to.
///
/// With a moving average of what is trained, these files hold the average, which is what was validated and what one wants to
/// use, and `unaveraged.safetensors` the weights that training goes on with.
package enum TrainingCheckpoint {
    static let optimizerFileName = "optimizer.safetensors"
    static let stateFileName = "state.json"
    static let unaveragedFileName = "unaveraged.safetensors"

    /// Writes all of them; the same training writes the same bytes.
    ///
    /// - Parameters:
    ///   - model: the whole model.
    ///   - parameters: what is trained of it.
    ///   - adapter: what the run's adapters belong to, or nil for a run without.
    ///   - average: of the weights, where there is one.
    package static func write(
        model: SAMModel, parameters: TrainedParameters, adapter: AdapterDescription?, optimizer: Optimizer,
        average: WeightAverage? = nil, state: TrainingState, to folder: String
    ) throws {
        func writeWeights() throws {
            if let adapter {
                try SafeTensors.write(
                    parameters.state(adapter, epoch: state.epoch),
                    to: FileSystem.join(folder, AdapterCheckpoint.fileName))
            } else {
                try SAMCheckpoint.write(model, to: FileSystem.join(folder, SAMCheckpoint.modelFileName))
            }
        }
        if let average {
            try average.inPlace(writeWeights)
            var weights = StateDict(average.parameters)
            weights.metadata[updatesKey] = String(average.updates)
            try SafeTensors.write(weights, to: FileSystem.join(folder, unaveragedFileName))
        } else {
            try writeWeights()
        }
        try SafeTensors.write(
            optimizerState(optimizer), to: FileSystem.join(folder, optimizerFileName))
        var state = state
        state.files = []
        for name in try FileSystem.list(folder).sorted() where name != stateFileName {
            state.files.append(try FileSum(of: name, in: folder))
        }
        try write(state, to: folder)
    }

    private static func write(_ state: TrainingState, to folder: String) throws {
        var members = state.json.object ?? []
        members.append(JSONMember(ownSumName, .string(ownSum(members))))
        try AtomicFileWriter.write(
            JSONValue.object(members).text(pretty: true) + "\n", to: FileSystem.join(folder, stateFileName))
    }

    /// The last member of the state's file, and what it holds: CRC-32C of the others, as compact text.
    private static let ownSumName = "crc32c"

    private static func ownSum(_ members: [JSONMember]) -> String {
        FileSum.hex(Array(JSONValue.object(members).text().utf8).withUnsafeBytes { CRC32C.checksum($0) })
    }

    /// Whether a folder holds an adapter, and no whole model.
    static func isAdapter(_ folder: String) -> Bool {
        FileSystem.exists(FileSystem.join(folder, AdapterCheckpoint.fileName))
    }

    /// Writes into an adapter of a folder where its base is now; does nothing where there is none.
    ///
    /// - Throws: `TrainingError.checkpoint` for a file that is damaged.
    static func moveBase(to path: String, in folder: String) throws {
        guard isAdapter(folder) else { return }
        let file = FileSystem.join(folder, AdapterCheckpoint.fileName)
        var state = try readState(folder)
        let place = state.files.firstIndex { $0.name == AdapterCheckpoint.fileName }
        if let place { try state.files[place].check(in: folder) }
        var adapter = try AdapterCheckpoint(try CheckpointFile.read(file))
        adapter.description.base = path
        try SafeTensors.write(adapter.described, to: file)
        if let place { state.files[place] = try FileSum(of: AdapterCheckpoint.fileName, in: folder) }
        try write(state, to: folder)
    }

    /// The state that a folder holds.
    ///
    /// - Throws: `FileError`, `JSONError` or `TrainingError.checkpoint`, also where a number is another than was written.
    package static func readState(_ folder: String) throws -> TrainingState {
        let path = FileSystem.join(folder, stateFileName)
        let json = try FileSystem.read(path).withUnsafeBytes { try JSONDocument.parse($0, path: path) }
        // An earlier version wrote none.
        if let sum = json[ownSumName], sum != .string(ownSum((json.object ?? []).filter { $0.name != ownSumName })) {
            throw TrainingError(
                .checkpoint,
                "is damaged, or was changed: it does not hold what was written; go on from a copy of the checkpoint, or train anew",
                at: DataLocation(path: path))
        }
        return try TrainingState(json: json, path: path)
    }

    /// The model of a folder: whole, or the base of an adapter that is to be trained on.
    ///
    /// - Parameter basePath: where the base of an adapter is now; nil for where the adapter says.
    /// - Throws: what `SAMCheckpoint` and `AdapterCheckpoint` throw.
    package static func readModel(
        _ folder: String, basePath: String? = nil
    ) throws -> (model: SAMModel, adapter: AdapterCheckpoint?) {
        guard isAdapter(folder) else { return (try SAMCheckpoint.read(folder), nil) }
        let path = FileSystem.join(folder, AdapterCheckpoint.fileName)
        var adapter = try AdapterCheckpoint(try CheckpointFile.read(path))
        if let basePath { adapter.description.base = basePath }
        return (try adapter.base(), adapter)
    }

    // MARK: Optimiser

    /// Names are PyTorch's: `NAME.exp_avg`, `NAME.exp_avg_sq` and `NAME.step`, or `NAME.momentum_buffer`.
    private static func optimizerState(_ optimizer: Optimizer) -> StateDict {
        var result = StateDict()
        for parameter in optimizer.groups.flatMap(\.parameters) {
            guard let state = optimizer.states[parameter.name] else { continue }
            for (name, moment) in zip(optimizer.rule.momentNames, [state.firstMoment, state.secondMoment]) {
                if let moment { result.append("\(parameter.name).\(name)", StateTensor(moment)) }
            }
            if optimizer.rule.countsSteps {
                result.append(parameter.name + ".step", StateTensor(shape: [], values: [Float(state.step)]))
            }
        }
        return result
    }

    /// Takes over what the optimiser of a folder remembers.
    ///
    /// - Throws: `TrainingError.checkpoint` when it is not that of these parameters.
    package static func restore(_ optimizer: inout Optimizer, from folder: String) throws {
        let path = FileSystem.join(folder, optimizerFileName)
        let stored = try SafeTensors.read(path)
        let names = optimizer.rule.momentNames + (optimizer.rule.countsSteps ? ["step"] : [])
        var states: [String: Optimizer.State] = [:]
        for parameter in optimizer.groups.flatMap(\.parameters) where !names.isEmpty {
            let parts = names.compactMap { stored["\(parameter.name).\($0)"] }
            guard parts.count == names.count else { continue }
            let moments = parts.prefix(optimizer.rule.momentNames.count)
            // Where steps are not counted, all that matters is that there was one.
            let step = optimizer.rule.countsSteps ? parts.last.flatMap(count) : 1
            guard moments.allSatisfy({ $0.shape == parameter.shape }), let step else {
                throw TrainingError(
                    .checkpoint,
                    "the moments of \(parameter.name) do not fit the parameter, of shape \(parameter.shape)",
                    at: DataLocation(path: path))
            }
            states[parameter.name] = Optimizer.State(
                step: step, firstMoment: moments.first?.tensor(), secondMoment: moments.dropFirst().first?.tensor())
        }
        guard states.count * names.count == stored.count else {
            throw TrainingError(
                .checkpoint,
                "holds \(stored.count) tensors, of which \(states.count * names.count) belong to parameters that are trained",
                at: DataLocation(path: path))
        }
        optimizer.states = states
    }

    /// A number of steps, kept as one number.
    private static func count(_ tensor: StateTensor) -> Int? {
        guard tensor.elementCount == 1, let count = Int(exactly: tensor.floats()[0]), count > 0 else { return nil }
        return count
    }

    // MARK: Moving average

    private static let updatesKey = "updates"

    /// Takes over a folder's moving average from a model that was read from there, and gives the parameters the weights
    /// that training goes on with.
    ///
    /// - Throws: `TrainingError.checkpoint` when those are not of these parameters.
    package static func restore(_ average: inout WeightAverage, from folder: String) throws {
        let path = FileSystem.join(folder, unaveragedFileName)
        let stored = try SafeTensors.read(path)
        guard let updates = stored.metadata[updatesKey].flatMap({ Int($0) }), updates >= 0 else {
            throw TrainingError(
                .checkpoint, "does not say how many updates the average has seen", at: DataLocation(path: path))
        }
        for parameter in average.parameters {
            guard let weights = stored[parameter.name], weights.shape == parameter.shape else {
                throw TrainingError(
                    .checkpoint, "holds no \(parameter.name) of shape \(parameter.shape)",
                    at: DataLocation(path: path))
            }
        }
        average = WeightAverage(of: average.parameters, decay: average.decay)
        average.updates = updates
        for parameter in average.parameters { parameter.value = stored[parameter.name]?.tensor() ?? parameter.value }
    }
}
