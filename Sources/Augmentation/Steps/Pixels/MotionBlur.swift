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
                "0 for a line to both sides alike, 1 and -1 for one to one side."),
            .probability(0.5),
        ])

    private let size: DrawInterval
    private let angle: DrawInterval
    private let direction: DrawInterval

    init(_ parameters: StepParameters) {
        size = parameters.interval("blur_limit")
        angle = parameters.interval("angle_range")
        direction = parameters.interval("direction_range")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let size = OddSize.draw(size, &random)
        let taps = Self.taps(size: size, degrees: angle.draw(&random), direction: direction.draw(&random))
        state.changeImage { $0.filtered(taps: taps) }
    }

    /// The pixels of a line of `size` pixels, each with the same weight. Its middle lies on the pixel itself for a
    /// direction of 0; for 1 and -1 one end does.
    static func taps(size: Int, degrees: Double, direction: Double) -> [(row: Int, column: Int, weight: Double)] {
        let radians = degrees * .pi / 180
        let (x, y) = (Foundation.cos(radians), Foundation.sin(radians))
        let reach = Double(size / 2)
        var counts: [[Int]: Int] = [:]
        var order: [[Int]] = []
        for step in 0..<size {
            let place = Double(step) - reach + direction * reach
            let key = [Int((y * place).rounded()), Int((x * place).rounded())]
            if counts[key] == nil { order.append(key) }
            counts[key, default: 0] += 1
        }
        return order.map { ($0[0], $0[1], Double(counts[$0] ?? 0) / Double(size)) }
    }
}
