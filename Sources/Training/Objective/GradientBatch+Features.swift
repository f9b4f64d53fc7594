internal import SAM
internal import Tensors

extension GradientBatch {
    /// The features of each example's image: computed together from pixels or from what the first blocks made of them, or
    /// taken as they are.
    func features(of examples: [TrainingExample]) -> [ImageFeatures] {
        var features = [ImageFeatures?](repeating: nil, count: examples.count)
        var (pixels, prefixes): ([(row: Int, input: Tensor)], [(row: Int, prefix: EncoderPrefix)]) = ([], [])
        for (row, example) in examples.enumerated() {
            switch example.image {
            case .pixels(let input): pixels.append((row, input))
            case .prefix(let prefix): prefixes.append((row, prefix))
            case .features(let known): features[row] = known
            }
        }
        if !pixels.isEmpty {
            let computed = model.imageEncoder(
                Tensor.concatenated(pixels.map(\.input), axis: 0), isCheckpointing: isCheckpointing)
            for (index, row) in pixels.map(\.row).enumerated() { features[row] = computed.image(index) }
        }
        if !prefixes.isEmpty {
            let computed = model.imageEncoder(
                from: EncoderPrefix(joining: prefixes.map(\.prefix)), isCheckpointing: isCheckpointing)
            for (index, row) in prefixes.map(\.row).enumerated() { features[row] = computed.image(index) }
        }
        return features.compactMap { $0 }
    }
}
