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

    package init(
        imageID: String, image: ExampleImage, frame: ImageFrame, objects: [TrainingObject], stream: UInt64 = 0
    ) {
        self.imageID = imageID
        self.image = image
        self.frame = frame
        self.objects = objects
        self.stream = stream
    }
}
