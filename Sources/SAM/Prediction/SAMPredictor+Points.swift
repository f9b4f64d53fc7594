private import Tensors

extension SAMPredictor {
    /// What the decoder says to single foreground points, several masks each, without any mask of the image's size.
    ///
    /// - Parameter points: P places in the image in force, in its pixels; all go through the decoder together.
    /// - Returns: logits [P, M, L, L] and predicted IoU [P, M].
    /// - Throws: `SAMError.answer` when the model's numbers are not finite.
    package func multimaskOutput(of points: [Prompt.Point]) throws(SAMError) -> MaskDecoder.Output {
        guard let image else { preconditionFailure("setImage comes before multimaskOutput") }
        let batch = PromptBatch(
            points.map { Prompt(points: [$0]) }, in: image.frame, lowResSize: preprocessing.lowResSize)
        let output = answering {
            model.masks(
                image: image.features, imagePosition: imagePosition, prompts: batch, multimaskOutput: true)
        }
        try output.checkFinite()
        return output
    }
}
