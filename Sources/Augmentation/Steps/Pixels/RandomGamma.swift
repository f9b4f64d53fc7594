internal import Images
internal import Runtime

/// Each sample raised to a power.
struct RandomGamma: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomGamma", .pixels, "Each sample raised to a power; above 100 darkens.",
        [
            ParameterSpecification(
                "gamma_limit", .interval(1...1000, .from(1)), [80, 120], "The power, in hundredths."),
            .probability(0.5),
        ])

    private let gamma: DrawInterval

    init(_ parameters: StepParameters) { gamma = parameters.interval("gamma_limit") }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let change = PhotometricTransform(gamma: gamma.draw(&random) / 100)
        state.changeImage { $0.mapped(through: change.table) }
    }
}
