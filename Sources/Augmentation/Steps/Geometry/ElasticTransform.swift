internal import Images
internal import Runtime

/// Each point moved by smooth noise.
struct ElasticTransform: AugmentationOperation {
    static let specification = StepSpecification(
        "ElasticTransform", .geometry, "Each point is moved by noise that is smooth over sigma pixels.",
        [
            ParameterSpecification(
                "alpha", .number(0...100_000), 1, "About the largest of the noise in pixels, before it is smoothed."),
            ParameterSpecification("sigma", .number(0.5...1000), 50, "Deviation of the smoothing Gaussian, in pixels."),
            ParameterSpecification("same_dxdy", .flag, false, "Whether both axes have the same noise."),
            ParameterSpecification(
                "noise_distribution", .choice(["gaussian", "uniform"]), "gaussian",
                "Of the noise before it is smoothed; uniform is within alpha."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(0.5),
        ])

    private let alpha: Double
    private let sigma: Double
    private let sharesAxes: Bool
    private let isUniform: Bool
    private let fill: RGBColour
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        alpha = parameters.number("alpha")
        sigma = parameters.number("sigma")
        sharesAxes = parameters.flag("same_dxdy")
        isUniform = parameters.word("noise_distribution") == "uniform"
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        // Displacements along both axes; before, those of one axis and noise that the other's are smoothed from, in two passes.
        let spacing = DisplacementField.spacing(sigma: sigma)
        let axis = MemoryLayout<Float>.stride * footprint.sample.pixels / (spacing * spacing)
        footprint.hold(4 * axis)
        footprint.resample()
        footprint.settle(holding: 2 * axis)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let field = DisplacementField(
            height: state.height, width: state.width, alpha: alpha, sigma: sigma, isUniform: isUniform,
            sharesAxes: sharesAxes, random: &random)
        state.settle(displacement: field, fill: fill, sampling: sampling)
    }
}
