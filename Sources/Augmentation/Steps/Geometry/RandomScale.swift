internal import Runtime

/// Both sides resized by one drawn factor.
struct RandomScale: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomScale", .geometry, "Both sides resized by one drawn factor.",
        [
            ParameterSpecification(
                "scale_limit", .interval(-0.99...10, .symmetric), [-0.1, 0.1], "Added to a factor of 1."),
            FrameSampling.interpolation, .probability(0.5),
        ])

    private let scale: DrawInterval
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        scale = parameters.interval("scale_limit")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.scale(by: 1 + scale.high, sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let factor = 1 + scale.draw(&random)
        state.resize(
            by: min(factor, max(1, 16_384 / Double(max(state.height, state.width)))), sampling: sampling)
    }
}
