internal import Runtime

/// A window of a stated size in the middle.
struct CenterCrop: AugmentationOperation {
    static let specification = StepSpecification(
        "CenterCrop", .geometry, "Cut to a window of a stated size in the middle.",
        CropWindow.parameters + [.probability(1)])

    private let window: CropWindow

    init(_ parameters: StepParameters) { window = CropWindow(parameters) }

    func plan(_ footprint: inout AugmentationFootprint) { window.plan(&footprint) }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        try window.pad(&state, step: Self.specification.name, random: &random)
        state.crop(
            row: (state.height - window.height) / 2, column: (state.width - window.width) / 2, height: window.height,
            width: window.width)
    }
}
