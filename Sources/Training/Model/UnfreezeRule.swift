/// Parameters that join later, as `unfreeze` names them: `2:image_encoder.neck`, `4:last-4-blocks`.
struct UnfreezeRule: Sendable, Hashable {
    /// Epochs that are done when they join, at least 1.
    let epoch: Int
    /// A name pattern, or a preset's name.
    let pattern: String

    /// - Throws: `TrainingError.configuration` for anything else.
    init(_ text: String) throws(TrainingError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let epoch = Int(parts[0]), (1...1_000_000).contains(epoch), !parts[1].isEmpty else {
            throw TrainingError(
                .configuration,
                "unfreeze: '\(text)' must be EPOCH:PATTERN, such as 2:image_encoder.neck: from the end of epoch 2 on")
        }
        self.epoch = epoch
        pattern = parts[1]
    }
}
