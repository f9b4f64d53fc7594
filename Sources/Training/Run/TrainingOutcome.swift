/// How a training run ended.
package struct TrainingOutcome: Sendable {
    /// Why it ended.
    package enum Ending: String, Sendable, Hashable, CaseIterable {
        /// All epochs are done.
        case finished
        /// It was told to stop before its end; it can be resumed.
        case interrupted
        /// So many validations in a row were no better, as `patience` says.
        case outOfPatience = "out-of-patience"
        /// Fewer epochs than configured fitted into `max-minutes`.
        case outOfTime = "out-of-time"
    }

    /// Why it ended.
    package let ending: Ending
    /// Where it stands.
    package let state: TrainingState
    /// Steps and images of this process, without those before a resume.
    package let steps: Int
    package let images: Int
    /// Time spent in those steps, of it waiting for examples, and in all, in seconds.
    package let stepSeconds: Double
    package let waitSeconds: Double
    package let totalSeconds: Double
    /// The best checkpoint beside the model that training began with; nil without a validation set, or an end.
    package let comparison: RunComparison?

    /// Whether it was told to stop before its end; it can then be resumed.
    package var wasInterrupted: Bool { ending == .interrupted }
}
