private import Foundation
internal import Images
internal import Runtime

/// Scaling, turning, shearing and shifting about the image's middle.
///
/// The matrix is that of albumentations 2.0: shift back · translate · shear · rotate · scale · shift to the middle.
struct Affine: AugmentationOperation {
    static let specification = StepSpecification(
        "Affine", .geometry,
        "Scaled, turned, sheared and shifted about the middle of the image. Positive angles turn counter-clockwise.",
        [
            ParameterSpecification("scale", .axes(0.01...100, .fixed), [1, 1], "Factor of size."),
            ParameterSpecification(
                "translate_percent", .axes(-10...10, .fixed), .null,
                "Shift in parts of width and height; not with translate_px."),
            ParameterSpecification("translate_px", .axes(-100_000...100_000, .fixed), .null, "Shift in pixels."),
            ParameterSpecification("rotate", .interval(-36_000...36_000, .fixed), 0, "Angle in degrees."),
            ParameterSpecification("shear", .axes(-89...89, .fixed), [0, 0], "Angles of shear in degrees."),
            ParameterSpecification(
                "fit_output", .flag, false, "Whether the frame grows or shrinks so that it holds the whole image."),
            ParameterSpecification("keep_ratio", .flag, false, "Whether both axes have one factor of size."),
            ParameterSpecification(
                "balanced_scale", .flag, false,
                "Whether shrinking and growing are equally likely, whatever the range of scale."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(0.5),
        ])

    private let scale: (x: DrawInterval, y: DrawInterval)
    private let share: (x: DrawInterval, y: DrawInterval)?
    private let shift: (x: DrawInterval, y: DrawInterval)?
    private let rotate: DrawInterval
    private let shear: (x: DrawInterval, y: DrawInterval)
    private let fitsOutput: Bool
    private let keepsRatio: Bool
    private let isBalanced: Bool
    private let fill: RGBColour
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) throws(AugmentationError) {
        if parameters.has("translate_px") && parameters.has("translate_percent") {
            throw AugmentationError(.value, "Affine: translate_px and translate_percent are both stated; one is wanted")
        }
        scale = parameters.axes("scale")
        share = parameters.has("translate_percent") ? parameters.axes("translate_percent") : nil
        shift = parameters.has("translate_px") ? parameters.axes("translate_px") : nil
        rotate = parameters.interval("rotate")
        shear = parameters.axes("shear")
        fitsOutput = parameters.flag("fit_output")
        keepsRatio = parameters.flag("keep_ratio")
        isBalanced = parameters.flag("balanced_scale")
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        guard fitsOutput else { return footprint.resample() }
        let steepest = [shear.x.low, shear.x.high, shear.y.low, shear.y.high].map {
            abs(Foundation.tan($0 * .pi / 180))
        }
        footprint.fit(
            scale: max(scale.x.high, keepsRatio ? 0 : scale.y.high) * (1 + (steepest.max() ?? 0)), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let (height, width) = (state.height, state.width)
        let x = factor(scale.x, &random)
        let y = factor(scale.y, &random)
        let angle = rotate.draw(&random)
        let (shearX, shearY) = (shear.x.draw(&random), shear.y.draw(&random))
        var translation = (x: 0.0, y: 0.0)
        if let shift {
            translation = (Double(shift.x.drawWhole(&random)), Double(shift.y.drawWhole(&random)))
        } else if let share {
            translation.x = (share.x.draw(&random) * Double(width)).rounded(.towardZero)
            translation.y = (share.y.draw(&random) * Double(height)).rounded(.towardZero)
        }
        let matrix = Self.matrix(
            height: height, width: width, scale: (x, keepsRatio ? x : y), degrees: angle, shear: (shearX, shearY),
            translation: translation)
        if fitsOutput {
            FittedFrame(matrix, height: height, width: width).apply(to: &state, fill: fill, sampling: sampling)
        } else {
            state.move(by: matrix, height: height, width: width, reveals: .source, fill: fill, sampling: sampling)
        }
    }

    private func factor(_ interval: DrawInterval, _ random: inout CounterRandom) -> Double {
        let isGrowing = random.uniform() < 0.5
        var interval = interval
        if isBalanced && interval.low < 1 && interval.high > 1 {
            interval = isGrowing ? DrawInterval(low: 1, high: interval.high) : DrawInterval(low: interval.low, high: 1)
        }
        return interval.draw(&random)
    }

    /// The matrix of a frame: about its middle, scaled, then turned, sheared and shifted.
    /// - Parameters:
    ///   - degrees: positive turns counter-clockwise.
    ///   - shear: angles in degrees.
    static func matrix(
        height: Int, width: Int, scale: (x: Double, y: Double), degrees: Double,
        shear: (x: Double, y: Double) = (0, 0), translation: (x: Double, y: Double) = (0, 0)
    ) -> ProjectiveMatrix {
        let middle = (x: Double(width) / 2, y: Double(height) / 2)
        let (sine, cosine) = sineAndCosine(degrees)
        // The angles of shear count against those of rotation, as in albumentations.
        let (skewX, skewY) = (Foundation.tan(-shear.x * .pi / 180), Foundation.tan(-shear.y * .pi / 180))
        return ProjectiveMatrix.translation(x: -middle.x, y: -middle.y)
            .followed(by: .scale(x: scale.x, y: scale.y))
            .followed(by: ProjectiveMatrix(cosine, sine, 0, -sine, cosine, 0))
            .followed(by: ProjectiveMatrix(1, skewX, 0, skewY, 1, 0))
            .followed(by: .translation(x: middle.x + translation.x, y: middle.y + translation.y))
    }

    /// Exact for quarter turns, so that these move pixels and blend none.
    private static func sineAndCosine(_ degrees: Double) -> (sine: Double, cosine: Double) {
        let turn = degrees.truncatingRemainder(dividingBy: 360)
        switch turn {
        case 0: return (0, 1)
        case 90, -270: return (1, 0)
        case 180, -180: return (0, -1)
        case 270, -90: return (-1, 0)
        default: return (Foundation.sin(turn * .pi / 180), Foundation.cos(turn * .pi / 180))
        }
    }
}
