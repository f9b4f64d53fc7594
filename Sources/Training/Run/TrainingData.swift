private import Runtime
internal import Shards

/// The shards of a run, opened and checked.
struct TrainingData {
    let shards: ShardSet
    let validation: ShardSet?
    /// Numbers of the records that have objects; the others teach nothing.
    let indices: [Int]
    /// SHA-256 of the digests of the shards to train on.
    let digest: String

    /// - Throws: `ShardError`, `TrainingError.data` when no record has an object, `.configuration` without shards.
    init(_ configuration: TrainingConfiguration) throws {
        guard !configuration.shards.isEmpty else {
            throw TrainingError(.configuration, "no shards to train on: name their folder")
        }
        shards = try ShardSet(path: configuration.shards)
        validation = try configuration.val.map { path in try ShardSet(path: path) }
        let set = shards
        indices = (0..<set.count).filter { index in set.entry(at: index).objects.values.contains { $0 > 0 } }
        guard !indices.isEmpty else {
            throw TrainingError(
                .data, "no image of the set has a labelled object, so there is nothing to learn",
                at: DataLocation(path: set.path))
        }
        digest = SHA256Digest.hex(Array(set.manifest.shards.map(\.sha256).joined(separator: "\n").utf8))
    }
}
