internal import Images
internal import Runtime

/// Blurred by the mean of a square.
struct Blur: AugmentationOperation {
    static let specification = StepSpecification(
        "Blur", .pixels, "Each pixel becomes the mean of a square around it; borders are mirrored.",
        [OddSize.limit(3, 63), .probability(0.5)])

    private let size: DrawInterval

    init(_ parameters: StepParameters) { size = parameters.interval("blur_limit") }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = OddSize.draw(size, &random)
        state.changeImage { $0.boxBlurred(size: size) }
    }
}
