internal import Runtime

/// Left and right exchanged.
struct HorizontalFlip: AugmentationOperation {
    static let specification = StepSpecification(
        "HorizontalFlip", .geometry, "Left and right exchanged.", [.probability(0.5)])

    init(_ parameters: StepParameters) {}

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.move(by: .flipHorizontal)
    }
}
