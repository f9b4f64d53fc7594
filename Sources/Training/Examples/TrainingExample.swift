package import SAM

/// One image of a step, varied and ready for the model, with the objects drawn from it.
package struct TrainingExample: Sendable {
    /// The image's id in the labels.
    package let imageID: String
    /// The image, varied.
    package let image: ExampleImage
    /// How the varied image lies in the model's input.
    package let frame: ImageFrame
    /// May be empty: then the image teaches nothing.
    package let objects: [TrainingObject]
    /// Seed of what is drawn for the whole image later: which rounds bring clicks or masks.
    package let stream: UInt64
    /// Where the cache keeps what the frozen part of the encoder makes of the image; nil without a cache.
    let cacheKey: EmbeddingKey?

    package init(
        imageID: String, image: ExampleImage, frame: ImageFrame, objects: [TrainingObject], stream: UInt64 = 0
    ) {
        self.init(imageID: imageID, image: image, frame: frame, objects: objects, stream: stream, cacheKey: nil)
    }

    init(
        imageID: String, image: ExampleImage, frame: ImageFrame, objects: [TrainingObject], stream: UInt64,
        cacheKey: EmbeddingKey?
    ) {
        self.imageID = imageID
        self.image = image
        self.frame = frame
        self.objects = objects
        self.stream = stream
        self.cacheKey = cacheKey
    }

    /// The same with the image further on its way.
    func with(_ image: ExampleImage) -> TrainingExample {
        TrainingExample(
            imageID: imageID, image: image, frame: frame, objects: objects, stream: stream, cacheKey: cacheKey)
    }
}
