private import Foundation
internal import Images
internal import Runtime

/// A turn about the image's middle.
struct Rotate: AugmentationOperation {
    static let specification = StepSpecification(
        "Rotate", .geometry, "Turned about the middle of the image. Positive angles turn counter-clockwise.",
        [
            ParameterSpecification("limit", .interval(-360...360, .symmetric), [-90, 90], "Angle in degrees."),
            ParameterSpecification(
                "crop_border", .flag, false, "Whether the frame is cut to the largest one without fill."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(0.5),
        ])

    private let limit: DrawInterval
    private let cropsBorder: Bool
    private let fill: RGBColour
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        limit = parameters.interval("limit")
        cropsBorder = parameters.flag("crop_border")
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let degrees = limit.draw(&random)
        let (height, width) = (state.height, state.width)
        state.move(
            by: Affine.matrix(height: height, width: width, scale: (1, 1), degrees: degrees), height: height,
            width: width, reveals: .source, fill: fill, sampling: sampling)
        if cropsBorder {
            let inner = Self.innerFrame(height: height, width: width, degrees: degrees)
            state.crop(
                row: (height - inner.height) / 2, column: (width - inner.width) / 2, height: inner.height,
                width: inner.width)
        }
    }

    /// The largest frame along the axes inside a turned one, no larger than the frame itself.
    static func innerFrame(height: Int, width: Int, degrees: Double) -> (height: Int, width: Int) {
        let (h, w) = (Double(height), Double(width))
        let angle = degrees * .pi / 180
        let (sine, cosine) = (abs(Foundation.sin(angle)), abs(Foundation.cos(angle)))
        let (long, short) = (max(h, w), min(h, w))
        var inner: (width: Double, height: Double)
        if short <= 2 * sine * cosine * long || abs(sine - cosine) < 1e-10 {
            // Half of the short side decides: two corners touch the long sides.
            let x = short / 2
            inner = w >= h ? (x / sine, x / cosine) : (x / cosine, x / sine)
        } else {
            let double = cosine * cosine - sine * sine
            inner = ((w * cosine - h * sine) / double, (h * cosine - w * sine) / double)
        }
        func whole(_ value: Double, _ limit: Int) -> Int {
            max(1, min(limit, value.isFinite ? Int(abs(value).rounded(.down)) : limit))
        }
        return (whole(inner.height, height), whole(inner.width, width))
    }
}
