internal import Runtime

/// The longer side brought to a length, the shape kept.
struct LongestMaxSize: AugmentationOperation {
    static let specification = StepSpecification(
        "LongestMaxSize", .geometry, "Resized so that the longer side has a stated length; the shape is kept.",
        [
            ParameterSpecification(
                "max_size", .integers(1...16_384), nil, "Length of the longer side; of several, one is drawn."),
            FrameSampling.interpolation, .probability(1),
        ])

    private let sizes: [Int]
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        sizes = parameters.integers("max_size")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        // Whatever shape another image has: at most a square.
        let side = sizes.max() ?? 1
        footprint.move(toPixels: side * side, side: side, sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = sizes[random.index(below: sizes.count)]
        state.resize(by: Double(size) / Double(max(state.height, state.width)), sampling: sampling)
    }
}

extension AugmentationState {
    /// Resizes both axes by one factor, to at least a pixel.
    mutating func resize(by factor: Double, sampling: FrameSampling = .usual) {
        func length(_ value: Int) -> Int { min(1 << 20, max(1, Int((Double(value) * factor).rounded()))) }
        resize(height: length(height), width: length(width), sampling: sampling)
    }
}
