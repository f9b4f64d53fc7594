private import Checkpoints
internal import JSONText
internal import SAM

extension CheckpointInspection {
    /// What samdata trained beside a base, for people.
    static func adapterLines(_ adapter: AdapterCheckpoint) -> [String] {
        let description = adapter.description
        let targets = description.targets.map(\.onOneLine).joined(separator: ", ")
        var lines = [
            "adapter:         low-rank updates of rank \(description.ranks) at \(description.updates.count) places: \(targets)",
            "base:            \(description.base.onOneLine), \(description.modelName.onOneLine), SHA-256 "
                + description.baseDigest.onOneLine,
        ]
        if let merged = description.baseAdapter { lines.append("merged before:   \(merged.onOneLine)") }
        let replaced = adapter.replacements
        if !replaced.isEmpty {
            lines.append(
                "trained whole:   \(replaced.count) tensors of the base, "
                    + "\(replaced.reduce(0) { $0 + $1.tensor.elementCount }) elements")
        }
        return lines
    }

    /// The same for programs.
    static func adapterObject(_ adapter: AdapterCheckpoint) -> JSONValue {
        let description = adapter.description
        return .object([
            "rank": .integer(Int64(description.rank)), "updates": .integer(Int64(description.updates.count)),
            "replaced_tensors": .integer(Int64(adapter.replacements.count)),
            "targets": .array(description.targets.map { .string($0) }), "base": .string(description.base),
            "base_adapter": description.baseAdapter.map { .string($0) } ?? .null,
            "base_digest": .string(description.baseDigest), "base_model": .string(description.modelName),
        ])
    }
}
