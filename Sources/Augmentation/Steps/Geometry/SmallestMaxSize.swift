internal import Runtime

/// The shorter side brought to a length, the shape kept.
struct SmallestMaxSize: AugmentationOperation {
    static let specification = StepSpecification(
        "SmallestMaxSize", .geometry,
        "Resized so that the shorter side has a stated length; the shape is kept. The longer side stays within 16384.",
        [
            ParameterSpecification(
                "max_size", .integers(1...16_384), nil, "Length of the shorter side; of several, one is drawn."),
            FrameSampling.interpolation, .probability(1),
        ])

    private let sizes: [Int]
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        sizes = parameters.integers("max_size")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        let short = Double(sizes.max() ?? 1)
        let shape = Double(footprint.sample.side) * Double(footprint.sample.side) / Double(footprint.sample.pixels)
        let long = min(16_384, (short * shape).rounded(.up))
        footprint.move(toPixels: Int(short * long), side: Int(long), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = Double(sizes[random.index(below: sizes.count)])
        let (short, long) = (Double(min(state.height, state.width)), Double(max(state.height, state.width)))
        state.resize(by: min(size / short, max(16_384 / long, 1)), sampling: sampling)
    }
}
