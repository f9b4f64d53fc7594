package import Images
package import Masks
package import SAM

/// Something that answers prompts with masks, and can be judged by them: a model, or a rule to compare it with.
package protocol Answerer {
    /// What the answers are called in tables.
    var name: String { get }

    /// Masks of the image's size, one a prompt.
    ///
    /// - Parameter prompts: in pixels of the image.
    func masks(of image: RGBImage, for prompts: [Prompt]) throws -> [RLE]
}

/// A model's answers: of several masks for an ambiguous prompt, the one with the best predicted IoU.
package struct ModelAnswerer: Answerer {
    package let name: String
    private let predictor: SAMPredictor
    private let encode: ((RGBImage) -> ImageFeatures)?

    /// - Parameters:
    ///   - model: that answers.
    ///   - name: in tables.
    ///   - encode: gives an image's features in place of the model's encoder, such as from a cache.
    package init(_ model: SAMModel, name: String, encode: ((RGBImage) -> ImageFeatures)? = nil) {
        predictor = SAMPredictor(model: model)
        self.name = name
        self.encode = encode
    }

    package func masks(of image: RGBImage, for prompts: [Prompt]) throws -> [RLE] {
        var predictor = predictor
        if let encode {
            let frame = predictor.preprocessing.frame(height: image.height, width: image.width)
            predictor.setImage(SAMPredictor.EncodedImage(frame: frame, features: encode(image)))
        } else {
            predictor.setImage(image)
        }
        var masks: [RLE] = []
        // A few at a time: of each answer the predictor also keeps logits, of which an image with many objects has many.
        for start in stride(from: 0, to: prompts.count, by: 64) {
            masks += try predictor.predictBest(Array(prompts[start..<min(start + 64, prompts.count)])).map(\.rle)
        }
        return masks
    }
}
