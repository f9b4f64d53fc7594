internal import Images
internal import Runtime

/// Hue, saturation and value shifted.
struct HueSaturationValue: AugmentationOperation {
    static let specification = StepSpecification(
        "HueSaturationValue", .pixels, "Hue, saturation and value are shifted; grey stays grey.",
        [
            ParameterSpecification(
                "hue_shift_limit", .interval(-180...180, .symmetric), [-20, 20],
                "Turn of the hue, where 180 is the whole circle."),
            ParameterSpecification(
                "sat_shift_limit", .interval(-255...255, .symmetric), [-30, 30], "Added to saturation of 0...255."),
            ParameterSpecification(
                "val_shift_limit", .interval(-255...255, .symmetric), [-20, 20], "Added to value of 0...255."),
            .probability(0.5),
        ])

    private let hue: DrawInterval
    private let saturation: DrawInterval
    private let value: DrawInterval

    init(_ parameters: StepParameters) {
        hue = parameters.interval("hue_shift_limit")
        saturation = parameters.interval("sat_shift_limit")
        value = parameters.interval("val_shift_limit")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let change = ColourChange.hsv(
            hue: hue.draw(&random) / 180, saturation: saturation.draw(&random) / 255,
            value: value.draw(&random) / 255)
        state.changeImage { $0.changed(by: [change]) }
    }
}
