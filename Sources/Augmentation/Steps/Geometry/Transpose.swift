internal import Runtime

/// Rows and columns exchanged.
struct Transpose: AugmentationOperation {
    static let specification = StepSpecification(
        "Transpose", .geometry, "Rows and columns exchanged: mirrored in the diagonal from the top left.",
        [.probability(0.5)])

    init(_ parameters: StepParameters) {}

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) { state.move(by: .transpose) }
}
