internal import Images
internal import Runtime

/// Normally distributed noise added.
struct GaussNoise: AugmentationOperation {
    static let specification = StepSpecification(
        "GaussNoise", .pixels, "Normally distributed noise is added to each sample.",
        [
            ParameterSpecification(
                "std_range", .interval(0...1, .fixed), [0.2, 0.44], "Deviation, in parts of full scale."),
            ParameterSpecification("mean_range", .interval(-1...1, .fixed), [0, 0], "Mean, in parts of full scale."),
            ParameterSpecification(
                "per_channel", .flag, true, "Whether each channel has noise of its own, or all three the same."),
            .probability(0.5),
        ])

    private let deviation: DrawInterval
    private let mean: DrawInterval
    private let perChannel: Bool

    init(_ parameters: StepParameters) {
        deviation = parameters.interval("std_range")
        mean = parameters.interval("mean_range")
        perChannel = parameters.flag("per_channel")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let (deviation, mean, seed) = (deviation.draw(&random), mean.draw(&random), random.next())
        state.changeImage {
            $0.addingNoise(mean: mean, deviation: deviation, perChannel: perChannel, seed: seed)
        }
    }
}
