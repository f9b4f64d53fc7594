internal import Images
internal import Runtime

/// Where an image lies in the larger frame that it is padded to.
enum PadPosition: String, Sendable, Hashable, CaseIterable {
    case center
    case topLeft = "top_left"
    case topRight = "top_right"
    case bottomLeft = "bottom_left"
    case bottomRight = "bottom_right"
    case random

    static func specification(_ name: String) -> ParameterSpecification {
        ParameterSpecification(
            name, .choice(allCases.map(\.rawValue)), "center", "Where the image lies in the larger frame.")
    }

    /// Frames are padded to no more pixels than images may have.
    private static let maximumPixels = 1 << 28

    /// Pads to a frame that is at least as large.
    /// - Throws: `AugmentationError.size` when it has more pixels than an image may have.
    func pad(
        _ state: inout AugmentationState, height: Int, width: Int, fill: RGBColour, border: BorderMode,
        random: inout CounterRandom
    ) throws(AugmentationError) {
        let (below, beside) = (height - state.height, width - state.width)
        if below == 0 && beside == 0 { return }
        guard height.multipliedReportingOverflow(by: width).overflow == false, height * width <= Self.maximumPixels
        else {
            throw AugmentationError(
                .size,
                "padding an image of \(state.height) x \(state.width) to \(height) x \(width) makes more than "
                    + "\(Self.maximumPixels) pixels; resize it before")
        }
        let place: (top: Int, left: Int) =
            switch self {
            case .center: (below / 2, beside / 2)
            case .topLeft: (0, 0)
            case .topRight: (0, beside)
            case .bottomLeft: (below, 0)
            case .bottomRight: (below, beside)
            case .random: (random.index(below: below + 1), random.index(below: beside + 1))
            }
        state.pad(top: place.top, left: place.left, height: height, width: width, fill: fill, border: border)
    }
}
