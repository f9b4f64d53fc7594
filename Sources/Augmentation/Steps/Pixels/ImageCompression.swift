internal import Images
internal import Runtime

/// The artefacts of JPEG.
struct ImageCompression: AugmentationOperation {
    static let specification = StepSpecification(
        "ImageCompression", .pixels, "Encoded as JPEG, with chroma of half the resolution, and decoded again.",
        [
            ParameterSpecification("compression_type", .choice(["jpeg"]), "jpeg", "The format."),
            ParameterSpecification(
                "quality_range", .wholeInterval(1...100, .fixed), [99, 100], "Quality, 1 (worst) to 100."),
            .probability(0.5),
        ])

    private let quality: DrawInterval

    init(_ parameters: StepParameters) { quality = parameters.interval("quality_range") }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        let quality = quality.drawWhole(&random)
        if state.height > 65_500 || state.width > 65_500 {
            throw AugmentationError(
                .size, "JPEG has at most 65500 pixels a side; the image is \(state.height) x \(state.width)")
        }
        try state.changeImage {
            try ImageCodec.decodeRGB(try ImageCodec.encodeJPEG($0, quality: quality, halvesChroma: true))
        }
    }
}
