package import Layers
package import Tensors

/// The image encoder of a model: one of the networks that its configuration names.
///
/// Shapes: B images, S side of the input.
package struct ImageEncoder: Module {
    private enum Network {
        case vit(ViTEncoder)
        case tinyViT(TinyViTEncoder)
        case plainViT(PlainViTEncoder)
    }

    private let network: Network
    /// Whether the tokens of an early block are handed out beside the embedding.
    private let givesEarlyTokens: Bool
    private let imageSize: Int

    /// Random weights as the network's reference.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        imageSize = configuration.imageSize
        givesEarlyTokens = configuration.family == .samHQ
        network =
            switch configuration.encoder {
            case .vit(let vit):
                .vit(
                    ViTEncoder(
                        vit, outputs: configuration.promptEmbedDim, givesEarlyTokens: givesEarlyTokens,
                        from: initializer))
            case .tinyViT(let vit): .tinyViT(TinyViTEncoder(vit, from: initializer))
            case .plainViT(let vit):
                .plainViT(PlainViTEncoder(vit, outputs: configuration.promptEmbedDim, from: initializer))
            }
    }

    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: whether each block keeps its input alone until the tape runs backward, and is then computed
    ///     again: memory for time, the same gradients.
    package func callAsFunction(_ images: Tensor, isCheckpointing: Bool = false) -> ImageFeatures {
        precondition(
            images.rank == 4 && images.shape[1...] == [imageSize, imageSize, 3],
            "the image encoder takes [B, \(imageSize), \(imageSize), 3], not \(images.shape)")
        switch network {
        case .vit(let encoder): return encoder(images, isCheckpointing: isCheckpointing)
        case .tinyViT(let encoder):
            guard givesEarlyTokens else {
                return ImageFeatures(embedding: encoder(images, isCheckpointing: isCheckpointing))
            }
            let (embedding, early) = encoder(images, keepingStage: 1, isCheckpointing: isCheckpointing)
            return ImageFeatures(embedding: embedding, early: early)
        case .plainViT(let encoder): return encoder(images, isCheckpointing: isCheckpointing)
        }
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        switch network {
        case .vit(let encoder): encoder.forEachParameter(body)
        case .tinyViT(let encoder): encoder.forEachParameter(body)
        case .plainViT(let encoder): encoder.forEachParameter(body)
        }
    }
}
