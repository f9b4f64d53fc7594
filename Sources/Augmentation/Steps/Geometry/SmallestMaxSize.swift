internal import Runtime

/// The shorter side brought to a length, the shape kept.
struct SmallestMaxSize: AugmentationOperation {
    static let specification = StepSpecification(
        "SmallestMaxSize", .geometry,
        "Resized so that the shorter side has a stated length; the shape is kept. The longer side stays within 16384.",
        SideLength.specifications(.covering) + [FrameSampling.interpolation, .probability(1)])

    private let length: SideLength
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) throws(AugmentationError) {
        length = try SideLength(parameters, .covering)
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        let bound = length.bound(of: footprint.sample)
        footprint.move(toPixels: bound.pixels, side: bound.side, sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let factor = length.factor(height: state.height, width: state.width, random: &random)
        let longest = Double(max(state.height, state.width))
        state.resize(by: min(factor, max(16_384 / longest, 1)), sampling: sampling)
    }
}
