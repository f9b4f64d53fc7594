package import Layers
package import Tensors

/// The ViT image encoder: patches, blocks of window and global attention, and a neck to the prompts' width.
///
/// Shapes: B images, S side of the input, G side of the token grid (S / patch), D width of the tokens, C width of the
/// prompts. Source: segment-anything `image_encoder.py` (after ViTDet).
package struct ImageEncoder: Module {
    private let patchEmbed: PatchConvolution
    private let posEmbed: Parameter
    private let blocks: [EncoderBlock]
    private let neck: EncoderNeck
    private let imageSize: Int

    /// Random weights as the reference: PyTorch's defaults, positions zero.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let path = "image_encoder"
        imageSize = configuration.imageSize
        let grid = configuration.gridSize
        posEmbed = initializer.constant(
            "\(path).pos_embed", shape: [1, grid, grid, configuration.embedDim], 0)
        patchEmbed = PatchConvolution(
            "\(path).patch_embed.proj", inputs: 3, outputs: configuration.embedDim, size: configuration.patchSize,
            from: initializer)
        blocks = (0..<configuration.depth).map { index in
            EncoderBlock(name: "\(path).blocks.\(index)", configuration, index: index, from: initializer)
        }
        neck = EncoderNeck(
            name: "\(path).neck", inputs: configuration.embedDim, outputs: configuration.promptEmbedDim,
            from: initializer)
    }

    /// Number of blocks.
    package var depth: Int { blocks.count }

    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: whether each block keeps its input alone until the tape runs backward, and is then computed
    ///     again: memory for time, the same gradients.
    /// - Returns: image embeddings [B, G, G, C].
    package func callAsFunction(_ images: Tensor, isCheckpointing: Bool = false) -> Tensor {
        precondition(
            images.rank == 4 && images.shape[1...] == [imageSize, imageSize, 3],
            "the image encoder takes [B, \(imageSize), \(imageSize), 3], not \(images.shape)")
        let patches = patchEmbed(images)
        let position = posEmbed.tensor.reshaped(Array(posEmbed.shape.dropFirst()))
        let tokens = blocks.reduce(patches + position) { tokens, block in
            isCheckpointing ? checkpointed(tokens, parameters: block.parameters, block.callAsFunction) : block(tokens)
        }
        return neck(tokens)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(posEmbed)
        patchEmbed.forEachParameter(body)
        for block in blocks { block.forEachParameter(body) }
        neck.forEachParameter(body)
    }
}
