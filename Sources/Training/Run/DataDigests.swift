internal import Runtime
internal import Shards

/// What tells the data of a run from other data.
package struct DataDigests: Sendable, Hashable {
    /// SHA-256 of the digests of the shards to train on.
    package let train: String
    /// The same of the shards to validate on; nil without any.
    package let validation: String?
    /// SHA-256 of what the manifests say beside the shards of which images there are to see, and how often; nil in a state
    /// that an earlier version wrote.
    package let choice: String?

    package init(train: String, validation: String?, choice: String?) {
        self.train = train
        self.validation = validation
        self.choice = choice
    }

    /// The digest of what manifests say of each record: how many objects it has to learn from or to be judged by, and how
    /// often an epoch shows it.
    static func choice(of sets: [ShardSet]) -> String {
        let lines = sets.map { set in
            (0..<set.count).map { index in
                let entry = set.entry(at: index)
                return "\(entry.instanceCount) \(entry.repeats)"
            }.joined(separator: "\n")
        }
        return SHA256Digest.hex(Array(lines.joined(separator: "\n\n").utf8))
    }
}
