internal import Runtime

/// Brought to a stated size.
struct Resize: AugmentationOperation {
    static let specification = StepSpecification(
        "Resize", .geometry, "Resized to a stated size; the shape is not kept.",
        CropWindow.sizes + [FrameSampling.interpolation, .probability(1)])

    private let height: Int
    private let width: Int
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        height = parameters.integer("height")
        width = parameters.integer("width")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.move(toPixels: height * width, side: max(height, width), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.resize(height: height, width: width, sampling: sampling)
    }
}
