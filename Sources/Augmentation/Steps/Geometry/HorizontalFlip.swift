internal import Runtime

/// Left and right exchanged.
struct HorizontalFlip: AugmentationOperation {
    static let specification = StepSpecification(
        "HorizontalFlip", .geometry, "Left and right exchanged.", [.probability(0.5)])

    init(_ parameters: StepParameters) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.move(by: .flipHorizontal)
    }
}
