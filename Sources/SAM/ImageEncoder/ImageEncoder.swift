package import Layers
package import Tensors

/// The image encoder of a model: one of the networks that its configuration names.
///
/// Shapes: B images, S side of the input.
package struct ImageEncoder: Module {
    let network: any BlockwiseEncoder
    /// The block whose tokens are handed out beside the embedding, if any.
    let earlyBlock: Int?
    private let imageSize: Int

    /// Random weights as the network's reference.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        imageSize = configuration.imageSize
        let givesEarlyTokens = configuration.family == .samHQ
        switch configuration.encoder {
        case .vit(let vit):
            network = ViTEncoder(vit, outputs: configuration.promptEmbedDim, from: initializer)
            // Of the first block that attends globally.
            earlyBlock = givesEarlyTokens ? vit.earlyBlock : nil
        case .tinyViT(let vit):
            let encoder = TinyViTEncoder(vit, from: initializer)
            network = encoder
            earlyBlock = givesEarlyTokens ? encoder.lastBlock(ofStage: 1) : nil
        case .plainViT(let vit):
            network = PlainViTEncoder(vit, outputs: configuration.promptEmbedDim, from: initializer)
            earlyBlock = nil
        }
    }

    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: whether each block keeps its input alone until the tape runs backward, and is then computed
    ///     again: memory for time, the same gradients.
    package func callAsFunction(_ images: Tensor, isCheckpointing: Bool = false) -> ImageFeatures {
        check(images)
        return network.features(images, earlyBlock: earlyBlock, isCheckpointing: isCheckpointing)
    }

    func check(_ images: Tensor) {
        precondition(
            images.rank == 4 && images.shape[1...] == [imageSize, imageSize, 3],
            "the image encoder takes [B, \(imageSize), \(imageSize), 3], not \(images.shape)")
    }

    package func forEachParameter(_ body: (Parameter) -> Void) { network.forEachParameter(body) }
}
