internal import Runtime

/// The longer side brought to a length, the shape kept.
struct LongestMaxSize: AugmentationOperation {
    static let specification = StepSpecification(
        "LongestMaxSize", .geometry,
        "Resized so that the longer side has a stated length; the shape is kept. Each side stays within 16384.",
        SideLength.specifications(.within) + [FrameSampling.interpolation, .probability(1)])

    private let length: SideLength
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) throws(AugmentationError) {
        length = try SideLength(parameters, .within)
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        let bound = length.bound(of: footprint.sample)
        footprint.move(toPixels: bound.pixels, side: bound.side, sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let factor = length.factor(height: state.height, width: state.width, random: &random)
        // A height alone says nothing of a wide image's width.
        let longest = Double(max(state.height, state.width))
        state.resize(by: min(factor, max(16_384 / longest, 1)), sampling: sampling)
    }
}

extension AugmentationState {
    /// Resizes both axes by one factor, to at least a pixel.
    mutating func resize(by factor: Double, sampling: FrameSampling = .usual) {
        func length(_ value: Int) -> Int { min(1 << 20, max(1, Int((Double(value) * factor).rounded()))) }
        resize(height: length(height), width: length(width), sampling: sampling)
    }
}
