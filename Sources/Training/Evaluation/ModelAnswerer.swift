package import Images
package import Masks
package import SAM

/// A model's answers: of several masks for an ambiguous prompt, the one with the best predicted IoU.
package struct ModelAnswerer: Answerer {
    package let name: String
    private let predictor: SAMPredictor
    private let encode: ((EvaluatedImage) -> ImageFeatures)?

    /// Objects that are answered at once: of each answer the predictor also keeps logits, of which an image with many
    /// objects has many.
    private static let batchSize = 64

    /// - Parameters:
    ///   - model: that answers.
    ///   - name: in tables.
    ///   - encode: gives an image's features in place of the model's encoder, such as from a cache.
    package init(_ model: SAMModel, name: String, encode: ((EvaluatedImage) -> ImageFeatures)? = nil) {
        predictor = SAMPredictor(model: model)
        self.name = name
        self.encode = encode
    }

    /// The predictor with an image that it can be asked about.
    private func predictor(of image: EvaluatedImage) -> SAMPredictor {
        var predictor = predictor
        if let encode {
            let frame = predictor.preprocessing.frame(height: image.pixels.height, width: image.pixels.width)
            predictor.setImage(SAMPredictor.EncodedImage(frame: frame, features: encode(image)))
        } else {
            predictor.setImage(image.pixels)
        }
        return predictor
    }

    package func masks(of image: RGBImage, for prompts: [Prompt]) throws -> [RLE] {
        let predictor = predictor(of: EvaluatedImage(image))
        var masks: [RLE] = []
        for batch in Self.batches(prompts) { masks += try predictor.predictBest(Array(batch)).map(\.rle) }
        return masks
    }

    package func answers(about image: EvaluatedImage, objects: [RLE], clicks: Int) throws -> ObjectAnswers {
        let predictor = predictor(of: image)
        var answers = ObjectAnswers(boxes: [], clicks: Array(repeating: [], count: clicks), points: [])
        for batch in Self.batches(objects) {
            answers.boxes += try predictor.predictBest(batch.map { PromptKind.box.prompt(for: $0) }).map(\.rle)
            var dialogue = try ClickDialogue(about: Array(batch), with: predictor)
            for round in 0..<clicks {
                if round > 0 { try dialogue.click() }
                answers.clicks[round] += dialogue.masks
            }
            answers.points += dialogue.points
        }
        return answers
    }

    private static func batches<Element>(_ elements: [Element]) -> [ArraySlice<Element>] {
        stride(from: 0, to: elements.count, by: batchSize).map {
            elements[$0..<min($0 + batchSize, elements.count)]
        }
    }

    package func remarks(clicks: Int) -> [String] {
        let limits = predictor.model.configuration.promptLimits
        let name = predictor.model.configuration.modelName
        var remarks: [String] = []
        if clicks > 1 && !limits.takesBackgroundPoints {
            remarks.append(
                "\(name) was never trained with background points: all clicks are on parts of the object that its mask lacks"
            )
        }
        if clicks > 1 && !limits.takesMasks {
            remarks.append("\(name) takes no mask prompts: it is not given the mask of the clicks before")
        }
        if let maximum = limits.maximumPlaces, clicks > maximum {
            remarks.append("\(name) takes \(maximum) points at most: from then on masks stay as they are")
        }
        return remarks
    }
}
