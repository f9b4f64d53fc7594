internal import SAM
internal import Tensors

extension TrainingExample {
    /// The example with its image encoded as far as the encoder is frozen.
    ///
    /// - Parameter depth: as ``ImageEncoder/frozenDepth`` says.
    func encoded(by model: SAMModel, to depth: EncoderDepth) -> TrainingExample {
        guard case .pixels(let pixels) = image else { return self }
        return GradientRecording.off {
            switch depth {
            case .pixels: self
            case .blocks(let count): with(.prefix(model.imageEncoder.prefix(pixels, blocks: count)))
            case .features: with(.features(model.imageEncoder(pixels)))
            }
        }
    }
}
