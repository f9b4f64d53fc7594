internal import Images
internal import Runtime

/// A window of a stated size, cut out of a frame that may have to be padded first.
struct CropWindow: Sendable {
    let height: Int
    let width: Int
    private let pads: Bool
    private let position: PadPosition
    private let fill: RGBColour
    private let border: BorderMode

    /// The parameters of steps that cut such a window.
    static let parameters =
        sizes + [
            ParameterSpecification(
                "pad_if_needed", .flag, false, "Whether a smaller image is padded; otherwise it is an error."),
            PadPosition.specification("pad_position"), FrameSampling.borderMode, .fill,
        ]

    static let sizes = [
        ParameterSpecification("height", .integer(1...16_384), nil, "Rows of the result."),
        ParameterSpecification("width", .integer(1...16_384), nil, "Columns of the result."),
    ]

    /// A window that is never padded.
    init(height: Int, width: Int) {
        self.height = height
        self.width = width
        pads = false
        position = .center
        fill = .black
        border = .constant
    }

    init(_ parameters: StepParameters) {
        height = parameters.integer("height")
        width = parameters.integer("width")
        pads = parameters.flag("pad_if_needed")
        position = PadPosition(rawValue: parameters.word("pad_position")) ?? .center
        fill = parameters.rgb("fill")
        border = FrameSampling(parameters).border
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.move(toPixels: height * width, side: max(height, width))
    }

    /// Makes the frame at least as large as the window.
    /// - Throws: `AugmentationError.size` when it is smaller and may not be padded.
    func pad(_ state: inout AugmentationState, step: String, random: inout CounterRandom) throws(AugmentationError) {
        if state.height >= height && state.width >= width { return }
        guard pads else {
            throw AugmentationError(
                .size,
                "\(step) cuts \(height) x \(width) pixels out of an image of \(state.height) x \(state.width); "
                    + "put PadIfNeeded or a resize before it")
        }
        try position.pad(
            &state, height: max(height, state.height), width: max(width, state.width), fill: fill, border: border,
            random: &random)
    }
}
