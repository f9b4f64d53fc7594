internal import Images
internal import Runtime

/// Brightness, contrast, saturation and hue changed, in random order.
struct ColorJitter: AugmentationOperation {
    static let specification = StepSpecification(
        "ColorJitter", .pixels, "Brightness, contrast, saturation and hue are changed, in random order.",
        [
            ParameterSpecification("brightness", .interval(0...7.9, .aroundOne), [0.8, 1.2], "Factor of all samples."),
            ParameterSpecification(
                "contrast", .interval(0...7.9, .aroundOne), [0.8, 1.2],
                "Factor of the distance from the image's mean grey."),
            ParameterSpecification(
                "saturation", .interval(0...7.9, .aroundOne), [0.8, 1.2],
                "Factor of the distance from the pixel's grey; 0 for grey."),
            ParameterSpecification(
                "hue", .interval(-0.5...0.5, .symmetric), [-0.5, 0.5], "Turn of the hue, in parts of the circle."),
            .probability(0.5),
        ])

    private let brightness: DrawInterval
    private let contrast: DrawInterval
    private let saturation: DrawInterval
    private let hue: DrawInterval

    init(_ parameters: StepParameters) {
        brightness = parameters.interval("brightness")
        contrast = parameters.interval("contrast")
        saturation = parameters.interval("saturation")
        hue = parameters.interval("hue")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let changes: [ColourChange] = [
            .scale(factor: brightness.draw(&random), offset: 0), .contrast(contrast.draw(&random)),
            .saturation(saturation.draw(&random)), .hue(hue.draw(&random)),
        ]
        let order = random.permutation(changes.count)
        state.changeImage { $0.changed(by: order.map { changes[$0] }) }
    }
}
