internal import Images
internal import Runtime

/// Colours made grey.
struct ToGray: AugmentationOperation {
    static let specification = StepSpecification(
        "ToGray", .pixels, "Each pixel becomes the grey of its luma (ITU-R BT.601), in three equal channels.",
        [.probability(0.5)])

    init(_ parameters: StepParameters) {}

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.changeImage { $0.changed(by: [.saturation(0)]) }
    }
}
