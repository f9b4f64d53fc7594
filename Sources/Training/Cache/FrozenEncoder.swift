package import SAM
internal import Tensors

/// The part of the image encoder that is not trained, together with the cache of what it made.
///
/// Images are encoded one by one, parallel inside: the bits of a small product depend on its number of rows, and what is
/// kept must not depend on what else was missing at the same time.
package struct FrozenEncoder {
    package let lookup: EmbeddingLookup
    private let model: SAMModel
    private let preprocessing: SAMPreprocessing

    package init(_ model: SAMModel, lookup: EmbeddingLookup) {
        self.model = model
        self.lookup = lookup
        preprocessing = SAMPreprocessing(model.configuration)
    }

    /// An image as far as the frozen part gets: from the cache, or else computed and kept there.
    ///
    /// - Parameters:
    ///   - pixels: [1, S, S, 3], normalised.
    ///   - key: of the image and how it was varied.
    /// - Returns: the image, and whether it had to be computed.
    func encoded(_ pixels: Tensor, as key: EmbeddingKey) -> (image: ExampleImage, isNew: Bool) {
        // The same image may have come by since the example was made.
        if let known = lookup.image(key) { return (known, false) }
        let (tokens, early) = GradientRecording.off { () -> (Tensor, Tensor?) in
            guard case .blocks(let count) = lookup.depth else {
                let features = model.imageEncoder(pixels)
                return (features.embedding, features.early)
            }
            let prefix = model.imageEncoder.prefix(pixels, blocks: count)
            return (prefix.tokens, prefix.early)
        }
        return (lookup.keep(tokens: tokens, early: early, as: key), true)
    }

    /// The whole encoder's features of an image that is not varied, as validation wants them.
    package func features(of image: EvaluatedImage) -> ImageFeatures {
        let known = image.source.flatMap { source -> ExampleImage? in
            let key = lookup.key(ofUnvaried: source)
            return lookup.image(key) ?? encoded(preprocessing.input(image.pixels), as: key).image
        }
        return GradientRecording.off {
            switch known ?? .pixels(preprocessing.input(image.pixels)) {
            case .features(let features): features
            case .prefix(let prefix): model.imageEncoder(from: prefix)
            case .pixels(let pixels): model.imageEncoder(pixels)
            }
        }
    }
}
