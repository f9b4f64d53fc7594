/// What the report says of a run beside its figures.
struct RunDescription {
    let folder: RunFolder
    let configuration: TrainingConfiguration
    let beginning: TrainingEvent.Beginning
    let state: TrainingState
    /// Of this process's part of the run.
    let seconds: Double
    let peakMemoryBytes: Int
}
