internal import Runtime

/// A random window that keeps all objects, brought to a stated size.
struct RandomSizedBBoxSafeCrop: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomSizedBBoxSafeCrop", .geometry,
        "Cut to a random window that keeps all objects whole, then resized to a stated size.",
        CropWindow.sizes + [SafeWindow.erosion, FrameSampling.interpolation, .probability(1)])

    private let height: Int
    private let width: Int
    private let erosion: Double
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        height = parameters.integer("height")
        width = parameters.integer("width")
        erosion = parameters.number("erosion_rate")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.move(toPixels: height * width, side: max(height, width), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let window = SafeWindow.draw(
            height: state.height, width: state.width, masks: state.currentMasks(), erosion: erosion, random: &random)
        state.crop(row: window.row, column: window.column, height: window.height, width: window.width)
        state.resize(height: height, width: width, sampling: sampling)
    }
}
