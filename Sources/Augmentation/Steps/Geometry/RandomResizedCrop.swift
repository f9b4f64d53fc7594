private import Foundation
internal import Runtime

/// A window of random area and shape, brought to a stated size.
struct RandomResizedCrop: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomResizedCrop", .geometry,
        "Cut to a window of random area, shape and place, then resized to a stated size.",
        [
            ParameterSpecification("size", .pair(1...16_384), nil, "Height and width of the result."),
            ParameterSpecification(
                "scale", .interval(0.0001...1, .fixed), [0.08, 1], "Area of the window, in parts of the image's."),
            ParameterSpecification(
                "ratio", .interval(0.001...1000, .fixed), [0.75, 1.3333333333333333], "Width over height of the window."
            ),
            FrameSampling.interpolation, .probability(1),
        ])

    private let size: (first: Int, second: Int)
    private let scale: DrawInterval
    private let ratio: DrawInterval
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        size = parameters.pair("size")
        scale = parameters.interval("scale")
        ratio = parameters.interval("ratio")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.move(toPixels: size.first * size.second, side: max(size.first, size.second), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let window = window(height: state.height, width: state.width, random: &random)
        state.crop(row: window.row, column: window.column, height: window.height, width: window.width)
        state.resize(height: size.first, width: size.second, sampling: sampling)
    }

    private func window(
        height: Int, width: Int, random: inout CounterRandom
    ) -> (row: Int, column: Int, height: Int, width: Int) {
        let shapes = DrawInterval(low: Foundation.log(ratio.low), high: Foundation.log(ratio.high))
        for _ in 0..<10 {
            let area = scale.draw(&random) * Double(height) * Double(width)
            let shape = Foundation.exp(shapes.draw(&random))
            let wide = Int((area * shape).squareRoot().rounded())
            let tall = Int((area / shape).squareRoot().rounded())
            if wide > 0 && tall > 0 && wide <= width && tall <= height {
                return (random.index(below: height - tall + 1), random.index(below: width - wide + 1), tall, wide)
            }
        }
        // No window of the wanted shape fits: the largest one in the middle.
        var (tall, wide) = (height, width)
        let shape = Double(width) / Double(height)
        if shape < ratio.low { tall = min(height, max(1, Int((Double(width) / ratio.low).rounded()))) }
        if shape > ratio.high { wide = min(width, max(1, Int((Double(height) * ratio.high).rounded()))) }
        return ((height - tall) / 2, (width - wide) / 2, tall, wide)
    }
}
