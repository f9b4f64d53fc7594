package import SAM
package import Tensors

/// One image of a step, varied and ready for the model, with the objects drawn from it.
package struct TrainingExample: Sendable {
    /// The image's id in the labels.
    package let imageID: String
    /// [1, S, S, 3], normalised and padded.
    package let input: Tensor
    /// How the varied image lies in the model's input.
    package let frame: ImageFrame
    /// May be empty: then the image teaches nothing.
    package let objects: [TrainingObject]

    package init(imageID: String, input: Tensor, frame: ImageFrame, objects: [TrainingObject]) {
        self.imageID = imageID
        self.input = input
        self.frame = frame
        self.objects = objects
    }
}
