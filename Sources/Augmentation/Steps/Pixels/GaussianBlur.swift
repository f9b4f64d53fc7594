internal import Images
internal import Runtime

/// Blurred by a Gaussian.
struct GaussianBlur: AugmentationOperation {
    static let specification = StepSpecification(
        "GaussianBlur", .pixels, "Blurred by a Gaussian; borders are mirrored.",
        [
            ParameterSpecification(
                "blur_limit", .wholeInterval(0...255, .from(0)), 0,
                "Side of the filter in pixels, made odd; 0 for one that reaches three and a half deviations."),
            ParameterSpecification(
                "sigma_limit", .interval(0...64, .from(0)), [0.5, 3], "Deviation of the Gaussian, in pixels."),
            .probability(0.5),
        ])

    private let size: DrawInterval
    private let sigma: DrawInterval

    init(_ parameters: StepParameters) {
        size = parameters.interval("blur_limit")
        sigma = parameters.interval("sigma_limit")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let sigma = sigma.draw(&random)
        let size = size.drawWhole(&random)
        if sigma < 0.05 { return }
        state.changeImage { $0.gaussianBlurred(sigma: sigma, size: size == 0 ? nil : size | 1) }
    }
}
