internal import Runtime

/// A window of a stated size at a random place.
struct RandomCrop: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomCrop", .geometry, "Cut to a window of a stated size at a random place.",
        CropWindow.parameters + [.probability(1)])

    private let window: CropWindow

    init(_ parameters: StepParameters) { window = CropWindow(parameters) }

    func plan(_ footprint: inout AugmentationFootprint) { window.plan(&footprint) }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        try window.pad(&state, step: Self.specification.name, random: &random)
        let row = random.index(below: state.height - window.height + 1)
        let column = random.index(below: state.width - window.width + 1)
        state.crop(row: row, column: column, height: window.height, width: window.width)
    }
}
