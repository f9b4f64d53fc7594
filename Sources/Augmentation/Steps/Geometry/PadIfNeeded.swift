internal import Images
internal import Runtime

/// Padded to a least size, or to a multiple.
struct PadIfNeeded: AugmentationOperation {
    static let specification = StepSpecification(
        "PadIfNeeded", .geometry, "Padded to a least size, or to a multiple of one; a larger image stays as it is.",
        [
            ParameterSpecification("min_height", .integer(1...16_384), 1024, "Least rows."),
            ParameterSpecification("min_width", .integer(1...16_384), 1024, "Least columns."),
            ParameterSpecification(
                "pad_height_divisor", .integer(1...16_384), .null,
                "Rows become a multiple of it; min_height is left out."),
            ParameterSpecification(
                "pad_width_divisor", .integer(1...16_384), .null,
                "Columns become a multiple of it; min_width is left out."),
            PadPosition.specification("position"), FrameSampling.borderMode, .fill, .probability(1),
        ])

    private let leastHeight: Int
    private let leastWidth: Int
    private let rowMultiple: Int?
    private let columnMultiple: Int?
    private let position: PadPosition
    private let fill: RGBColour
    private let border: BorderMode

    init(_ parameters: StepParameters) {
        leastHeight = parameters.integer("min_height")
        leastWidth = parameters.integer("min_width")
        rowMultiple = parameters.has("pad_height_divisor") ? parameters.integer("pad_height_divisor") : nil
        columnMultiple = parameters.has("pad_width_divisor") ? parameters.integer("pad_width_divisor") : nil
        position = PadPosition(rawValue: parameters.word("position")) ?? .center
        fill = parameters.rgb("fill")
        border = FrameSampling(parameters).border
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        func length(_ least: Int, _ multiple: Int?) -> Int {
            guard let multiple else { return least }
            return (footprint.sample.side + multiple - 1) / multiple * multiple
        }
        footprint.pad(height: length(leastHeight, rowMultiple), width: length(leastWidth, columnMultiple))
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        func length(_ now: Int, _ least: Int, _ multiple: Int?) -> Int {
            guard let multiple else { return max(now, least) }
            return (now + multiple - 1) / multiple * multiple
        }
        try position.pad(
            &state, height: length(state.height, leastHeight, rowMultiple),
            width: length(state.width, leastWidth, columnMultiple), fill: fill, border: border, random: &random)
    }
}
