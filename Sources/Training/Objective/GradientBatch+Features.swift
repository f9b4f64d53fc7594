internal import SAM
internal import Tensors

extension GradientBatch {
    /// The features of each example's image: computed together from pixels, or taken as they are.
    func features(of examples: [TrainingExample]) -> [ImageFeatures] {
        let pixels = examples.compactMap { example -> Tensor? in
            if case .pixels(let input) = example.image { input } else { nil }
        }
        let computed =
            pixels.isEmpty
            ? nil : model.imageEncoder(Tensor.concatenated(pixels, axis: 0), isCheckpointing: isCheckpointing)
        var row = 0
        return examples.map { example in
            switch example.image {
            case .features(let features): return features
            case .pixels, .prefix:
                guard let computed else { preconditionFailure("nothing was computed of an image's pixels") }
                row += 1
                return computed.image(row - 1)
            }
        }
    }
}
