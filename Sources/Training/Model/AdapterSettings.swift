internal import Layers
internal import SAM
internal import Tensors

/// The adapters of low rank that a configuration asks for.
struct AdapterSettings: Sendable, Hashable {
    /// What gets adapters; empty for no adapters at all.
    let targets: [AdapterTarget]
    /// Rank of targets without one of their own; 0 leaves these out.
    let rank: Int
    private let alpha: Double?
    private let seed: UInt64

    /// - Throws: `TrainingError.configuration` for a preset or target that is none.
    init(_ configuration: TrainingConfiguration) throws(TrainingError) {
        let preset = try TrainingPreset.named(configuration.preset)
        rank =
            configuration.loraRank == 0 && preset == .decoderAndAdapters
            ? TrainingPreset.defaultRank : configuration.loraRank
        alpha = configuration.loraAlpha
        seed = configuration.seed
        var targets: [AdapterTarget] = []
        for text in configuration.loraTargets { targets.append(try AdapterTarget(text)) }
        let rank = rank
        self.targets = targets.filter { ($0.rank ?? rank) > 0 }
        if rank > 0 && targets.isEmpty {
            throw TrainingError(
                .configuration, "lora-rank is \(rank), but lora-targets names nothing that gets adapters")
        }
    }

    /// What is written down of the targets: each with its rank.
    var names: [String] { targets.map { "\($0.name)=\($0.rank ?? rank)" } }

    /// The updates, in the model's order, A drawn and B zero. Where two targets name one place, the later one counts.
    ///
    /// - Throws: `TrainingError.parameters` for a target that the model has not, a rank that is larger than the matrix, or a
    ///   weight that is named as a whole and by its parts.
    func updates(for model: SAMModel) throws(TrainingError) -> [AdapterUpdate] {
        var chosen: [AdapterSite: AdapterTarget] = [:]
        for target in targets {
            for site in try target.sites(in: model) { chosen[site] = target }
        }
        let initializer = WeightInitializer(seed: seed)
        var updates: [AdapterUpdate] = []
        for weight in model.matrices {
            let whole = AdapterSite(weight: weight.name)
            let parts = AdapterSite.Part.allCases.map { AdapterSite(weight: weight.name, part: $0) }
                .filter { chosen[$0] != nil }
            if let target = chosen[whole], !parts.isEmpty {
                throw TrainingError(
                    .parameters,
                    "lora-targets: '\(target.name)' names \(weight.name) as a whole, of which "
                        + "\(parts.compactMap { $0.part?.rawValue }.joined(separator: " and ")) are named as well")
            }
            for site in parts + [whole] {
                guard let target = chosen[site] else { continue }
                guard let rows = site.rows(of: weight.shape[0], in: model.configuration) else {
                    throw TrainingError(
                        .parameters, "lora-targets: \(weight.name) has no rows for '\(target.name)' alone")
                }
                let (height, width) = (rows.reduce(0) { $0 + $1.count }, weight.shape[1])
                let rank = target.rank ?? rank
                guard rank <= min(height, width) else {
                    throw TrainingError(
                        .parameters,
                        "lora-targets: rank \(rank) of '\(target.name)' is larger than \(weight.name), where it changes "
                            + "\(height) x \(width) numbers; '\(target.name)=\(min(height, width))' gives this target a rank "
                            + "of its own")
                }
                updates.append(
                    AdapterUpdate(
                        site, rank: rank, alpha: target.alpha ?? alpha ?? Double(rank), rows: rows, inputs: width,
                        from: initializer))
            }
        }
        return updates
    }

    /// Whether training can go on with the matrices of a file: the same places, rank and size.
    func continues(_ adapter: LoRAAdapter) -> Bool {
        Set(targets.map(\.choice)) == [.part(.q), .part(.v)] && adapter.replacedCount == 0
            && targets.allSatisfy { target in
                let rank = target.rank ?? rank
                return rank == adapter.rank && (target.alpha ?? alpha ?? Double(rank)) == Double(rank)
            }
    }
}
