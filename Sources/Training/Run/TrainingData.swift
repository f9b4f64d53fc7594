internal import Pipeline
private import Runtime
internal import Shards

/// The shards of a run, opened and checked.
struct TrainingData {
    let shards: ShardSet
    let validation: ShardSet?
    /// Numbers of the records that have objects and come up at all; the others teach nothing.
    let indices: [Int]
    /// Images of an epoch: more than ``indices`` where the manifest balances classes by repeating some.
    let epochImages: Int
    /// SHA-256 of the digests of the shards to train and to validate on.
    let digest: String
    /// The same of each by itself, and of what the manifests say.
    let parts: DataDigests

    /// - Throws: `ShardError`, `TrainingError.data` when one of the sets has no object that counts, `.configuration` without shards.
    init(_ configuration: TrainingConfiguration) throws {
        guard !configuration.shards.isEmpty else {
            throw TrainingError(.configuration, "no shards to train on: name their folder")
        }
        shards = try ShardSet(path: configuration.shards, toleratesDamage: configuration.skipCorrupt != .fail)
        validation = try configuration.val.map { path in try ShardSet(path: path) }
        let set = shards
        indices = (0..<set.count).filter { index in
            let entry = set.entry(at: index)
            return entry.repeats > 0 && entry.instanceCount > 0
        }
        epochImages = set.epochCount(of: indices)
        try Self.demandObject(
            in: set, minArea: configuration.minObjectArea, purpose: "learn from",
            skipsCorrupt: configuration.skipCorrupt != .fail)
        guard epochImages > 0 else {
            throw TrainingError(
                .data, "balances classes so that no image comes up in an epoch", at: DataLocation(path: set.path))
        }
        if let validation {
            try Self.demandObject(in: validation, minArea: configuration.minObjectArea, purpose: "validate on")
        }
        let digests = try [set, validation].map { try $0.map { set in try Self.digests(of: set) } ?? "" }
        digest = SHA256Digest.hex(Array(digests.joined(separator: "\n\n").utf8))
        parts = DataDigests(
            train: SHA256Digest.hex(Array(digests[0].utf8)),
            validation: validation == nil ? nil : SHA256Digest.hex(Array(digests[1].utf8)),
            choice: DataDigests.choice(of: [set] + (validation.map { [$0] } ?? [])))
    }

    /// The digests of a set's shards, a line each; one that the manifest does not state is made.
    private static func digests(of set: ShardSet) throws(ShardError) -> String {
        var lines: [String] = []
        for (index, shard) in set.manifest.shards.enumerated() {
            if let stated = shard.sha256 {
                lines.append(stated)
            } else {
                lines.append(try set.digest(ofShard: index))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Pixels of the largest image that is trained on, as far as records say, and the longest side of any.
    var largestImage: (pixels: Int, side: Int) { Self.largest(of: shards, indices) }

    /// Objects of the images, by the batches in which an order of epochs may bring them together.
    func batchLoad(shuffle: LoaderShuffle) -> BatchLoad {
        let counts = indices.map { shards.entry(at: $0).instanceCount }
        guard let repeats = shards.repeats(of: indices), repeats.contains(where: { $0 != 1 }) else {
            return shuffle == .none ? BatchLoad(inOrder: counts) : BatchLoad(anyOf: counts)
        }
        // One that comes up more often than once may meet itself, in no more places than the largest batch has.
        return BatchLoad(
            anyOf: zip(counts, repeats).flatMap { count, times in
                Array(repeating: count, count: Int(min(4096, times.rounded(.up))))
            })
    }

    /// What the validation's images ask for, or nil without a validation.
    var validationLoad: MemoryPlan.ValidationLoad? {
        validation.map { set in
            MemoryPlan.ValidationLoad(
                pixels: Self.largest(of: set, Array(0..<set.count)).pixels,
                objects: (0..<set.count).map { set.entry(at: $0).instanceCount }.max() ?? 0)
        }
    }

    /// The largest of images; of very many, of some spread evenly. A record that does not say its size is left to whoever
    /// reads it.
    private static func largest(of set: ShardSet, _ indices: [Int]) -> (pixels: Int, side: Int) {
        var (pixels, side) = (0, 0)
        for place in stride(from: 0, to: indices.count, by: max(1, indices.count / 10_000)) {
            guard let size = try? set.imageSize(at: indices[place]) else { continue }
            pixels = max(pixels, size.height * size.width)
            side = max(side, size.height, size.width)
        }
        return (pixels, side)
    }

    /// Reads records until one has an object that counts: the first one, as a rule.
    ///
    /// - Parameter skipsCorrupt: whether records that cannot be read are left out; the run tells of them when they come up.
    private static func demandObject(
        in set: ShardSet, minArea: Int, purpose: String, skipsCorrupt: Bool = false
    ) throws {
        for index in 0..<set.count where set.entry(at: index).instanceCount > 0 {
            let sample = Result { () throws(ShardError) in try set.sample(at: index) }
            if skipsCorrupt, case .failure(let error) = sample, error.kind == .badInput { continue }
            if try !sample.get().trainableObjects(minArea: minArea).isEmpty { return }
        }
        throw TrainingError(
            .data, "holds no object to \(purpose): all are crowds, or smaller than min-object-area (\(minArea) pixels)",
            at: DataLocation(path: set.path))
    }
}
