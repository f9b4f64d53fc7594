/// What tells the data of a run from other data: SHA-256 of the shards' digests.
package struct DataDigests: Sendable, Hashable {
    /// Of the shards to train on.
    package let train: String
    /// Of the shards to validate on; nil without any.
    package let validation: String?

    package init(train: String, validation: String?) {
        self.train = train
        self.validation = validation
    }
}
