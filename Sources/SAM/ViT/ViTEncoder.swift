internal import Layers
internal import Tensors

/// The ViT image encoder: patches, blocks of window and global attention, and a neck to the prompts' width.
///
/// Shapes: B images, S side of the input, G side of the token grid (S / patch), D width of the tokens, C width of the
/// prompts. Source: segment-anything `image_encoder.py` (after ViTDet).
struct ViTEncoder: Module {
    private let patchEmbed: PatchConvolution
    private let posEmbed: Parameter
    private let blocks: [ViTBlock]
    private let neck: EncoderNeck
    /// The block whose tokens are handed out beside the embedding, if any.
    private let earlyBlock: Int?

    /// Random weights as the reference: PyTorch's defaults, positions zero.
    ///
    /// - Parameters:
    ///   - configuration: the dimensions.
    ///   - outputs: C.
    ///   - givesEarlyTokens: whether the tokens of the first block that attends globally are wanted too.
    ///   - initializer: makes the parameters.
    init(
        _ configuration: ViTConfiguration, outputs: Int, givesEarlyTokens: Bool, from initializer: WeightInitializer
    ) {
        let path = "image_encoder"
        let grid = configuration.gridSize
        posEmbed = initializer.constant(
            "\(path).pos_embed", shape: [1, grid, grid, configuration.embedDim], 0)
        patchEmbed = PatchConvolution(
            "\(path).patch_embed.proj", inputs: 3, outputs: configuration.embedDim, size: configuration.patchSize,
            from: initializer)
        blocks = (0..<configuration.depth).map { index in
            ViTBlock(name: "\(path).blocks.\(index)", configuration, index: index, from: initializer)
        }
        neck = EncoderNeck(
            name: "\(path).neck", inputs: configuration.embedDim, outputs: outputs, from: initializer)
        earlyBlock = givesEarlyTokens ? configuration.earlyBlock : nil
    }

    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: whether each block keeps its input alone until the tape runs backward, and is then computed
    ///     again: memory for time, the same gradients.
    /// - Returns: embedding [B, G, G, C], early tokens [B, G, G, D].
    func callAsFunction(_ images: Tensor, isCheckpointing: Bool) -> ImageFeatures {
        let position = posEmbed.tensor.reshaped(Array(posEmbed.shape.dropFirst()))
        var tokens = patchEmbed(images) + position
        var early: Tensor?
        for (index, block) in blocks.enumerated() {
            tokens =
                isCheckpointing
                ? checkpointed(tokens, parameters: block.parameters, block.callAsFunction) : block(tokens)
            if index == earlyBlock {
                early = tokens
                // A node of its own for what follows: the gradients of the next block's two uses are then summed before
                // that of the early tokens comes in, with checkpointing and without.
                tokens = tokens.reshaped(tokens.shape)
            }
        }
        return ImageFeatures(embedding: neck(tokens), early: early)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        body(posEmbed)
        patchEmbed.forEachParameter(body)
        for block in blocks { block.forEachParameter(body) }
        neck.forEachParameter(body)
    }
}
