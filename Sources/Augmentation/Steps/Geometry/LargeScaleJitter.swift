internal import Images
internal import Runtime

/// Large-scale jitter: resized by a widely drawn factor, then cut or padded to a stated size.
///
/// Source: Ghiasi et al., "Simple copy-paste is a strong data augmentation method for instance segmentation", 2021;
/// detectron2's `ResizeScale` and `FixedSizeCrop`.
struct LargeScaleJitter: AugmentationOperation {
    static let specification = StepSpecification(
        "LargeScaleJitter", .geometry,
        "Resized so that the image fits into the stated size times a drawn factor, then cut at a random place or padded "
            + "at the right and below to that size.",
        [
            ParameterSpecification("size", .pair(1...16_384), [1024, 1024], "Height and width of the result."),
            ParameterSpecification(
                "scale", .interval(0.01...10, .fixed), [0.1, 2], "Factor: 0.8 to 1.25 is standard, 0.1 to 2 is large."),
            FrameSampling.interpolation, FrameSampling.borderMode, .fill, .probability(1),
        ])

    private let size: (first: Int, second: Int)
    private let scale: DrawInterval
    private let fill: RGBColour
    private let sampling: FrameSampling

    init(_ parameters: StepParameters) {
        size = parameters.pair("size")
        scale = parameters.interval("scale")
        fill = parameters.rgb("fill")
        sampling = FrameSampling(parameters)
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.move(toPixels: size.first * size.second, side: max(size.first, size.second), sampling: sampling)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let factor = scale.draw(&random)
        let (first, second) = (random.uniform(), random.uniform())
        let (height, width) = (Double(state.height), Double(state.width))
        let fit = factor * min(Double(size.first) / height, Double(size.second) / width)
        let tall = max(1, Int((height * fit).rounded()))
        let wide = max(1, Int((width * fit).rounded()))
        state.resize(height: tall, width: wide, sampling: FrameSampling(choice: sampling.choice))
        let (keptTall, keptWide) = (min(tall, size.first), min(wide, size.second))
        state.crop(
            row: Int(first * Double(tall - keptTall + 1)), column: Int(second * Double(wide - keptWide + 1)),
            height: keptTall, width: keptWide)
        if keptTall < size.first || keptWide < size.second {
            state.pad(top: 0, left: 0, height: size.first, width: size.second, fill: fill, border: sampling.border)
        }
    }
}
