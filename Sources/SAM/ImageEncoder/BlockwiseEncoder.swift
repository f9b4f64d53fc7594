internal import Layers
internal import Tensors

/// A block of an image encoder: tokens to tokens.
protocol EncoderBlock: Module, Sendable {
    func callAsFunction(_ tokens: Tensor) -> Tensor
}

/// An image encoder as a chain that may be cut behind any of its blocks: an embedding, blocks, and a neck.
///
/// Shapes: B images, S side of the input, G side of the embedding, C width of the prompts.
protocol BlockwiseEncoder: Module, Sendable {
    /// The blocks in their order; what changes the size of the picture between two of them counts as one.
    var chain: [any EncoderBlock] { get }
    /// Whether a result depends on the other images of its batch.
    var dependsOnBatch: Bool { get }

    /// What the first block starts from.
    ///
    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: see ``ImageEncoder/callAsFunction(_:isCheckpointing:)``.
    func embed(_ images: Tensor, isCheckpointing: Bool) -> Tensor
    /// What becomes of the last block's tokens: [B, G, G, C].
    func finish(_ tokens: Tensor) -> Tensor
    /// The parameters of ``embed(_:isCheckpointing:)``.
    func forEachEmbeddingParameter(_ body: (Parameter) -> Void)
}

extension BlockwiseEncoder {
    var dependsOnBatch: Bool { false }

    /// Runs some of the blocks.
    ///
    /// - Parameters:
    ///   - range: which of them, in their order.
    ///   - tokens: what the block before handed on; becomes what the last one hands on, so that nobody holds on to it.
    ///   - earlyBlock: the block whose tokens are handed out beside, if any.
    ///   - isCheckpointing: see ``ImageEncoder/callAsFunction(_:isCheckpointing:)``.
    /// - Returns: the early tokens, where their block was among them.
    func run(_ range: Range<Int>, on tokens: inout Tensor, earlyBlock: Int?, isCheckpointing: Bool) -> Tensor? {
        var early: Tensor?
        for index in range {
            let block = chain[index]
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
        return early
    }

    /// The whole encoder.
    func features(_ images: Tensor, earlyBlock: Int?, isCheckpointing: Bool) -> ImageFeatures {
        var tokens = embed(images, isCheckpointing: isCheckpointing)
        let early = run(chain.indices, on: &tokens, earlyBlock: earlyBlock, isCheckpointing: isCheckpointing)
        return ImageFeatures(embedding: finish(tokens), early: early)
    }
}
