internal import Images
internal import Runtime

/// Another brightness and contrast.
struct RandomBrightnessContrast: AugmentationOperation {
    static let specification = StepSpecification(
        "RandomBrightnessContrast", .pixels, "(1 + contrast) times each sample, plus brightness.",
        [
            ParameterSpecification(
                "brightness_limit", .interval(-1...1, .symmetric), [-0.2, 0.2], "Added, in parts of full scale."),
            ParameterSpecification(
                "contrast_limit", .interval(-1...6.9, .symmetric), [-0.2, 0.2], "Added to a factor of 1."),
            ParameterSpecification(
                "brightness_by_max", .flag, true,
                "Whether brightness is in parts of full scale, rather than of the image's mean."),
            .probability(0.5),
        ])

    private let brightness: DrawInterval
    private let contrast: DrawInterval
    private let isOfFullScale: Bool

    init(_ parameters: StepParameters) {
        brightness = parameters.interval("brightness_limit")
        contrast = parameters.interval("contrast_limit")
        isOfFullScale = parameters.flag("brightness_by_max")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let factor = 1 + contrast.draw(&random)
        let offset = brightness.draw(&random)
        state.changeImage { image in
            let unit = isOfFullScale ? 1 : image.meanSample
            return image.changed(by: [.scale(factor: factor, offset: offset * unit)])
        }
    }
}

extension RGBImage {
    /// The mean of all samples, 0...1.
    fileprivate var meanSample: Double {
        var sum = 0
        for value in pixels { sum += Int(value) }
        return Double(sum) / Double(pixels.count) / 255
    }
}
