internal import Images
internal import Runtime

/// The image as seen from elsewhere: its corners are moved inwards, each by itself.
struct Perspective: AugmentationOperation {
    static let specification = StepSpecification(
        "Perspective", .geometry,
        "Each corner is moved inwards by a normally distributed part of the sides; the four become the frame's corners.",
        [
            ParameterSpecification(
                "scale", .interval(0...1, .from(0)), [0.05, 0.1],
                "Deviation of the corners' moves, in parts of the sides."),
            ParameterSpecification(
                "keep_size", .flag, true, "Whether the result has the image's size, or that of the four corners."),
            ParameterSpecification(
                "fit_output", .flag, false, "Whether the frame holds the whole image, rather than the four corners."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(0.5),
        ])

    private let scale: DrawInterval
    private let keepsSize: Bool
    private let fitsOutput: Bool
    private let fill: RGBColour
    private let sampling: FrameSampling

    /// No corner moves further than this part of a side, so that the four stay apart and in order.
    private static let furthest = 0.32

    init(_ parameters: StepParameters) {
        scale = parameters.interval("scale")
        keepsSize = parameters.flag("keep_size")
        fitsOutput = parameters.flag("fit_output")
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        // Corners move by less than a third of a side: what is between them may become three times as large.
        if fitsOutput && !keepsSize { footprint.fit(scale: 3, sampling: sampling) } else { footprint.resample() }
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let (height, width) = (state.height, state.width)
        let (h, w) = (Double(height), Double(width))
        let deviation = scale.draw(&random)
        func part() -> Double {
            abs(random.normal() * deviation).truncatingRemainder(dividingBy: Self.furthest)
        }
        let corners = [(0.0, 0.0), (1, 0), (1, 1), (0, 1)].map { corner -> (x: Double, y: Double) in
            let (inX, inY) = (part() * w, part() * h)
            return (corner.0 == 0 ? inX : w - inX, corner.1 == 0 ? inY : h - inY)
        }
        func length(_ a: Int, _ b: Int) -> Double {
            let (dx, dy) = (corners[a].x - corners[b].x, corners[a].y - corners[b].y)
            return (dx * dx + dy * dy).squareRoot()
        }
        let tall = keepsSize ? height : max(1, Int(max(length(0, 3), length(1, 2)).rounded()))
        let wide = keepsSize ? width : max(1, Int(max(length(0, 1), length(3, 2)).rounded()))
        let frame = [(x: 0.0, y: 0.0), (Double(wide), 0), (Double(wide), Double(tall)), (0, Double(tall))]
        // Corners that moved by less than a third of the sides are never on one line.
        guard let matrix = ProjectiveMatrix(from: corners, to: frame) else { return }
        if fitsOutput {
            FittedFrame(matrix, height: height, width: width).apply(to: &state, fill: fill, sampling: sampling)
            if keepsSize {
                state.resize(height: height, width: width, sampling: FrameSampling(choice: sampling.choice))
            }
        } else {
            state.move(by: matrix, height: tall, width: wide, reveals: .source, fill: fill, sampling: sampling)
        }
    }
}
