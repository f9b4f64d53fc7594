internal import Runtime

/// Top and bottom exchanged.
struct VerticalFlip: AugmentationOperation {
    static let specification = StepSpecification(
        "VerticalFlip", .geometry, "Top and bottom exchanged.", [.probability(0.5)])

    init(_ parameters: StepParameters) {}

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) { state.move(by: .flipVertical) }
}
