internal import Checkpoints
internal import JSONText

/// What an adapter's file says of itself: the model that it belongs to, and its updates. Kept as JSON in the metadata.
package struct AdapterDescription: Sendable, Hashable {
    /// The key in the metadata of a safetensors file.
    package static let metadataKey = "samdata.adapter"
    /// The version of the description that this code writes and reads.
    private static let schemaVersion: Int64 = 1
    /// The largest rank that is believed.
    private static let largestRank = 1 << 16

    /// One update, without its matrices.
    package struct Update: Sendable, Hashable {
        package let site: AdapterSite
        package let rank: Int
        package let alpha: Double

        package init(site: AdapterSite, rank: Int, alpha: Double) {
            self.site = site
            self.rank = rank
            self.alpha = alpha
        }
    }

    /// Path of the base's checkpoint: absolute, or relative to the adapter's folder.
    package var base: String
    /// Low-rank updates of Sam_LoRA or SAMed that were merged into the base first, or nil.
    package let baseAdapter: String?
    /// ``SAMModel/weightsDigest`` of the base.
    package let baseDigest: String
    /// Name of the base's architecture.
    package let modelName: String
    /// What was asked to get updates: `q`, `v`, `mlp=8`.
    package let targets: [String]
    package let updates: [Update]

    package init(
        base: String, baseAdapter: String?, baseDigest: String, modelName: String, targets: [String], updates: [Update]
    ) {
        self.base = base
        self.baseAdapter = baseAdapter
        self.baseDigest = baseDigest
        self.modelName = modelName
        self.targets = targets
        self.updates = updates
    }

    /// All ranks, for people.
    package var ranks: String { Set(updates.map(\.rank)).sorted().map(String.init).joined(separator: ", ") }
    /// The largest rank.
    package var rank: Int { updates.map(\.rank).max() ?? 0 }

    // MARK: JSON

    /// The description as JSON, members in a fixed order.
    var json: JSONValue {
        .object([
            "schema_version": .integer(Self.schemaVersion), "base": .string(base),
            "base_adapter": baseAdapter.map { .string($0) } ?? .null, "base_digest": .string(baseDigest),
            "model": .string(modelName), "targets": .array(targets.map { .string($0) }),
            "updates": .array(
                updates.map { update in
                    .object([
                        "weight": .string(update.site.weight),
                        "part": update.site.part.map { .string($0.rawValue) } ?? .null,
                        "rank": .integer(Int64(update.rank)), "alpha": .number(update.alpha),
                    ])
                }),
        ])
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `CheckpointError.mismatch` for a member that is missing or impossible.
    init(json: JSONValue) throws(CheckpointError) {
        func text(_ name: String, of value: JSONValue) throws(CheckpointError) -> String {
            guard let text = value[name]?.string, !text.isEmpty else { throw Self.error("'\(name)' must be a text") }
            return text
        }
        guard json["schema_version"]?.int64 == Self.schemaVersion else {
            throw Self.error("its schema version must be \(Self.schemaVersion)")
        }
        base = try text("base", of: json)
        baseDigest = try text("base_digest", of: json)
        modelName = try text("model", of: json)
        switch json["base_adapter"] {
        case .some(.string(let path)): baseAdapter = path
        case .none, .some(.null): baseAdapter = nil
        default: throw Self.error("'base_adapter' must be a text or null")
        }
        targets = (json["targets"]?.array ?? []).compactMap(\.string)
        var updates: [Update] = []
        for item in json["updates"]?.array ?? [] {
            let weight = try text("weight", of: item)
            var part: AdapterSite.Part?
            if let value = item["part"], !value.isNull {
                part = value.string.flatMap(AdapterSite.Part.init(rawValue:))
                guard part != nil else { throw Self.error("'part' of \(weight) must be q, k, v or null") }
            }
            guard let rank = item["rank"]?.int, (1...Self.largestRank).contains(rank),
                let alpha = item["alpha"]?.double,
                alpha.isFinite, alpha > 0
            else { throw Self.error("'rank' and 'alpha' of \(weight) must be above 0") }
            updates.append(Update(site: AdapterSite(weight: weight, part: part), rank: rank, alpha: alpha))
        }
        guard !updates.isEmpty, Set(updates.map(\.site)).count == updates.count else {
            throw Self.error("it names no updates, or a place twice")
        }
        self.updates = updates
    }

    private static func error(_ message: String) -> CheckpointError {
        CheckpointError(.mismatch, "the adapter's description (\(metadataKey)) cannot be used: \(message)")
    }
}
