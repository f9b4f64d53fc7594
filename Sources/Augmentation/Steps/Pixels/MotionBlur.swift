private import Foundation
internal import Images
internal import Runtime

/// Blurred along a line, as by a camera that moved.
struct MotionBlur: AugmentationOperation {
    static let specification = StepSpecification(
        "MotionBlur", .pixels, "Each pixel becomes the mean of pixels along a line through it; borders are mirrored.",
        [
            OddSize.limit(3, 63),
            ParameterSpecification(
                "angle_range", .interval(-360...360, .fixed), [0, 360], "Angle of the line in degrees."),
            ParameterSpecification(
                "direction_range", .interval(-1...1, .fixed), [-1, 1],
                "0 for a line to both sides alike, 1 and -1 for one to one side, which is half as long."),
            ParameterSpecification(
                "allow_shifted", .flag, true,
                "Whether the line is moved away from the pixel, by up to a quarter of the filter."),
            .probability(0.5),
        ])

    private let size: DrawInterval
    private let angle: DrawInterval
    private let direction: DrawInterval
    private let shifts: Bool

    init(_ parameters: StepParameters) {
        size = parameters.interval("blur_limit")
        angle = parameters.interval("angle_range")
        direction = parameters.interval("direction_range")
        shifts = parameters.flag("allow_shifted")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = OddSize.draw(size, &random)
        let (degrees, direction) = (angle.draw(&random), direction.draw(&random))
        var shift = (x: 0.0, y: 0.0)
        if shifts {
            let most = Double(size / 2) / 2
            shift = (most * (2 * random.uniform() - 1), most * (2 * random.uniform() - 1))
        }
        let taps = Self.taps(size: size, degrees: degrees, direction: direction, shift: shift)
        state.changeImage { $0.filtered(taps: taps) }
    }

    /// The pixels of a line within a filter, each once and with the same weight, by the rules of albumentations 2.0.8
    /// (`augmentations/blur/functional.py`): it reaches from the pixel itself half the filter to both sides for a direction
    /// of 0, to one side alone for 1 and -1.
    ///
    /// - Parameters:
    ///   - size: side of the filter in pixels, odd; no pixel lies outside.
    ///   - degrees: angle of the line, clockwise from the right.
    ///   - direction: -1...1.
    ///   - shift: of the line, in pixels.
    static func taps(
        size: Int, degrees: Double, direction: Double, shift: (x: Double, y: Double) = (0, 0)
    ) -> [(row: Int, column: Int, weight: Double)] {
        let radians = degrees * .pi / 180
        let (x, y) = (Foundation.cos(radians), Foundation.sin(radians))
        let reach = size / 2
        let start = direction > 0 ? -Double(reach) * (1 - direction) : -Double(reach)
        let end = direction < 0 ? Double(reach) * (1 + direction) : Double(reach)
        func place(_ value: Double) -> Int {
            min(size - 1, max(0, Int((Double(reach) + value).rounded(.toNearestOrEven)))) - reach
        }
        var met: Set<[Int]> = []
        var places: [(row: Int, column: Int)] = []
        for step in 0..<size {
            // The last is the end itself, whatever the steps add up to.
            let along = step == size - 1 ? end : start + Double(step) * ((end - start) / Double(size - 1))
            let (row, column) = (place(y * along + shift.y), place(x * along + shift.x))
            if met.insert([row, column]).inserted { places.append((row, column)) }
        }
        return places.map { ($0.row, $0.column, 1 / Double(places.count)) }
    }
}
