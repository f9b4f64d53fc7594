/// How a training run ended.
package struct TrainingOutcome: Sendable {
    /// Whether it was told to stop before its end; it can then be resumed.
    package let wasInterrupted: Bool
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
}
