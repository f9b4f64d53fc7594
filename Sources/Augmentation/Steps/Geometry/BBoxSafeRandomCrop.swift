internal import Runtime

/// A random window that keeps all objects.
struct BBoxSafeRandomCrop: AugmentationOperation {
    static let specification = StepSpecification(
        "BBoxSafeRandomCrop", .geometry, "Cut to a random window that keeps all objects whole.",
        [SafeWindow.erosion, .probability(1)])

    private let erosion: Double

    init(_ parameters: StepParameters) { erosion = parameters.number("erosion_rate") }

    /// Pixels are moved as they are.
    func plan(_ footprint: inout AugmentationFootprint) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let window = SafeWindow.draw(
            height: state.height, width: state.width, masks: state.currentMasks(), erosion: erosion, random: &random)
        state.crop(row: window.row, column: window.column, height: window.height, width: window.width)
    }
}
