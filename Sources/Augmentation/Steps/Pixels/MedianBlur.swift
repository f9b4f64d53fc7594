internal import Images
internal import Runtime

/// Each sample the median of a square.
struct MedianBlur: AugmentationOperation {
    static let specification = StepSpecification(
        "MedianBlur", .pixels, "Each sample becomes the median of a square around it.",
        [OddSize.limit(3, 15), .probability(0.5)])

    private let size: DrawInterval

    init(_ parameters: StepParameters) { size = parameters.interval("blur_limit") }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = OddSize.draw(size, &random)
        state.changeImage { $0.medianFiltered(size: size) }
    }
}
