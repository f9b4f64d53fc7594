internal import Masks
internal import SAM

/// One image, and what is asked about it.
struct PredictionRequest {
    /// One object: prompts in pixels of the image, a mask still in its file.
    struct Object {
        var points: [Prompt.Point] = []
        var box: Box?
        /// A PNG of the image's size, or logits of an earlier prediction in a safetensors file.
        var maskPath: String?
    }

    /// The image's file.
    let path: String
    /// What the image is called in results.
    let name: String
    let objects: [Object]
}
