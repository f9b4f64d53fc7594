internal import Runtime

/// One of the eight flips and turns.
struct D4: AugmentationOperation {
    static let specification = StepSpecification(
        "D4", .geometry,
        "One of the eight flips and quarter turns, each as likely as the others: for images without a direction.",
        [.probability(1)])

    init(_ parameters: StepParameters) {}

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.move(by: .random(using: &random))
    }
}
