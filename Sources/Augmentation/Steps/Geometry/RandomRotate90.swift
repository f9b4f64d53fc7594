internal import Runtime

/// A turn by 0, 90, 180 or 270 degrees.
struct RandomRotate90: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomRotate90", .geometry, "Turned by 0, 90, 180 or 270 degrees, each as likely as the others.",
        [.probability(1)])

    init(_ parameters: StepParameters) {}

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let turns: [DihedralTransform] = [.identity, .rotate270, .rotate180, .rotate90]
        state.move(by: turns[random.index(below: 4)])
    }
}
