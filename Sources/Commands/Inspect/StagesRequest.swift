internal import Pipeline

/// What `--stages` asks `inspect` to draw when it is stages as a conversion takes them.
struct StagesRequest {
    var file: PipelineFile
    /// Variants that `augment` makes, and samples of each stage that are shown.
    var draws: Int
    var seed: UInt64
}
