internal import Images
internal import Runtime

/// Scaling, turning and shifting about the image's middle, one factor of size for both axes.
struct ShiftScaleRotate: AugmentationOperation {
    static let specification = StepSpecification(
        "ShiftScaleRotate", .geometry, "Shifted, scaled and turned about the middle of the image.",
        [
            ParameterSpecification(
                "shift_limit", .interval(-10...10, .symmetric), [-0.0625, 0.0625], "Shift in parts of each side."),
            ParameterSpecification(
                "shift_limit_x", .interval(-10...10, .symmetric), .null, "Shift to the right, in place of shift_limit."),
            ParameterSpecification(
                "shift_limit_y", .interval(-10...10, .symmetric), .null, "Shift downwards, in place of shift_limit."),
            ParameterSpecification(
                "scale_limit", .interval(-0.99...10, .symmetric), [-0.1, 0.1], "Added to a factor of size of 1."),
            ParameterSpecification("rotate_limit", .interval(-360...360, .symmetric), [-45, 45], "Angle in degrees."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(0.5),
        ])

    private let shift: (x: DrawInterval, y: DrawInterval)
    private let scale: DrawInterval
    private let rotate: DrawInterval
    private let fill: RGBColour
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        func shift(_ name: String) -> DrawInterval {
            parameters.interval(parameters.has(name) ? name : "shift_limit")
        }
        self.shift = (shift("shift_limit_x"), shift("shift_limit_y"))
        scale = parameters.interval("scale_limit")
        rotate = parameters.interval("rotate_limit")
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let (height, width) = (state.height, state.width)
        let factor = 1 + scale.draw(&random)
        let degrees = rotate.draw(&random)
        let x = (shift.x.draw(&random) * Double(width)).rounded(.towardZero)
        let y = (shift.y.draw(&random) * Double(height)).rounded(.towardZero)
        state.move(
            by: Affine.matrix(
                height: height, width: width, scale: (factor, factor), degrees: degrees, translation: (x, y)),
            height: height, width: width, reveals: .source, fill: fill, sampling: sampling)
    }
}
