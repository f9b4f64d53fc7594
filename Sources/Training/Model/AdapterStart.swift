internal import Checkpoints
internal import Runtime
internal import SAM
internal import Tensors

/// Low-rank updates of Sam_LoRA or SAMed that a run starts from, as `lora` names them.
///
/// They are merged into the weights, which training then begins from. Only where the run trains adapters at the same
/// places (`lora-targets` is q and v), of the same rank and size, and the file holds nothing else, are its matrices those
/// that training goes on with.
struct AdapterStart {
    let path: String
    private let adapter: LoRAAdapter
    /// Whether training goes on with the file's matrices.
    let isContinued: Bool

    /// - Returns: nil where the configuration names no file.
    /// - Throws: `TrainingError.configuration` without weights; what reading the file throws.
    init?(_ configuration: TrainingConfiguration) throws {
        guard let path = configuration.lora else { return nil }
        guard configuration.weights != nil else {
            throw TrainingError(.configuration, "lora: updates belong to weights; name those as well")
        }
        self.path = path
        adapter = try OpenedCheckpoint.adapter(path)
        isContinued = try AdapterSettings(configuration).continues(adapter)
    }

    /// The file to merge into the weights, if any.
    var mergedPath: String? { isContinued ? nil : path }

    /// Gives a run's adapters the file's matrices, where training goes on with them.
    ///
    /// - Throws: `TrainingError.parameters` when the file is for another encoder.
    func hand(to updates: [AdapterUpdate], in model: SAMModel) throws(TrainingError) {
        guard isContinued else { return }
        var count = 0
        for update in updates {
            let numbers = update.site.weight.split(separator: ".").compactMap { Int($0) }
            guard let block = numbers.first, let part = update.site.part,
                let factors = adapter.factors(block: block, part: part), factors.a.shape == update.update.a.shape,
                factors.b.shape == update.update.b.shape
            else { break }
            update.update.a.value = factors.a
            update.update.b.value = factors.b
            count += 1
        }
        guard count == updates.count, count == 2 * adapter.blockCount else {
            throw TrainingError(
                .parameters,
                "lora: the updates are for another encoder, of \(adapter.blockCount) blocks, than that of "
                    + model.configuration.modelName, at: DataLocation(path: path))
        }
    }
}
