package import Masks

/// One mask that the model offers for a prompt.
package struct PredictedMask: Sendable {
    /// The mask at the size of the image, as run lengths.
    package let rle: RLE
    /// The model's own estimate of the mask's IoU with the truth.
    package let iouPrediction: Float
    /// The logits that the mask was made of, L * L row-major; may be fed back as ``Prompt/mask``.
    package let lowResLogits: [Float]

    /// The same for keeping many: logits take far more memory than run lengths.
    package var withoutLogits: PredictedMask {
        PredictedMask(rle: rle, iouPrediction: iouPrediction, lowResLogits: [])
    }

    /// The mask at the size of the image.
    package var bitmap: Bitmap { rle.bitmap() }
}
