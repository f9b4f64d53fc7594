internal import Kernels
internal import Layers
package import Tensors

/// The encoder in two parts: what the first blocks make of images may be kept, and gone on from later.
extension ImageEncoder {
    /// Number of blocks, behind each of which the encoder may be cut; in a TinyViT the merges between stages count as
    /// blocks.
    package var blockCount: Int { network.chain.count }

    /// Runs the first blocks alone.
    ///
    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - blocks: 1...``blockCount``.
    /// - Returns: what ``callAsFunction(from:isCheckpointing:)`` goes on from; the two together compute the bytes of the
    ///   whole encoder.
    package func prefix(_ images: Tensor, blocks: Int, isCheckpointing: Bool = false) -> EncoderPrefix {
        precondition((1...blockCount).contains(blocks), "the first \(blocks) of \(blockCount) blocks")
        check(images)
        var tokens = network.embed(images, isCheckpointing: isCheckpointing)
        let early = network.run(
            0..<blocks, on: &tokens, earlyBlock: earlyBlock, isCheckpointing: isCheckpointing)
        return EncoderPrefix(blocks: blocks, tokens: tokens, early: earlyBlock == blocks - 1 ? nil : early)
    }

    /// Runs the blocks that a prefix has before it.
    package func callAsFunction(from prefix: EncoderPrefix, isCheckpointing: Bool = false) -> ImageFeatures {
        precondition(
            (1...blockCount).contains(prefix.blocks), "a prefix of \(prefix.blocks) of \(blockCount) blocks")
        var tokens = prefix.tokens
        var early = prefix.early
        if earlyBlock == prefix.blocks - 1 {
            early = tokens
            tokens = tokens.reshaped(tokens.shape)
        }
        let found = network.run(
            prefix.blocks..<blockCount, on: &tokens, earlyBlock: earlyBlock, isCheckpointing: isCheckpointing)
        return ImageFeatures(embedding: network.finish(tokens), early: early ?? found)
    }

    /// Whether batch normalisations use their batch's own statistics; see ``TinyViTEncoder/usesBatchStatistics``. Encoders
    /// without such normalisations have nothing to set.
    package var usesBatchStatistics: Bool {
        get { network.dependsOnBatch }
        nonmutating set { (network as? TinyViTEncoder)?.usesBatchStatistics = newValue }
    }

    /// Whether there are batch normalisations at all.
    package var hasBatchNorms: Bool { network is TinyViTEncoder }

    /// How far the encoder gets before anything in it is trained, or stands beside an adapter that is: what it makes of an image until there is the same in
    /// every epoch. ``EncoderDepth/pixels`` where results depend on the other images of a batch.
    package var frozenDepth: EncoderDepth {
        if network.dependsOnBatch { return .pixels }
        if !parameters.contains(where: \.isLearning) { return .features }
        var isFrozen = true
        network.forEachEmbeddingParameter { if $0.isLearning { isFrozen = false } }
        guard isFrozen else { return .pixels }
        let blocks = network.chain.prefix { !$0.parameters.contains(where: \.isLearning) }.count
        return blocks == 0 ? .pixels : .blocks(blocks)
    }

    /// The parameters and buffers that an image's way to a depth depends on.
    package func parameters(to depth: EncoderDepth) -> [Parameter] {
        guard case .blocks(let count) = depth else { return depth == .features ? parameters : [] }
        var all: [Parameter] = []
        network.forEachEmbeddingParameter { all.append($0) }
        return all + network.chain[..<count].flatMap(\.parameters)
    }

    /// The shapes of one image's tensors at a depth, and of its early tokens where they are kept beside.
    package static func shapes(
        _ configuration: SAMConfiguration, at depth: EncoderDepth
    ) -> (tokens: [Int], early: [Int]?) {
        var shapes: (tokens: [Int], early: [Int]?) = ([], nil)
        // On shapes alone: no weight and no product is made.
        _ = MemorySimulation.peakBytes {
            GradientRecording.off {
                let encoder = ImageEncoder(configuration, from: .zero)
                let images = Tensor(zeros: [1, configuration.imageSize, configuration.imageSize, 3])
                switch depth {
                case .pixels: shapes.tokens = images.shape
                case .blocks(let count):
                    let prefix = encoder.prefix(images, blocks: count)
                    shapes = (prefix.tokens.shape, prefix.early?.shape)
                case .features:
                    let features = encoder(images)
                    shapes = (features.embedding.shape, features.early?.shape)
                }
            }
        }
        return shapes
    }
}
