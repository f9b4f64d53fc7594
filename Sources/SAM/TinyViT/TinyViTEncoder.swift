private import KernelABI
package import Layers
package import Tensors

/// The image encoder of MobileSAM: two strided convolutions, a stage of convolutions, stages of window attention, and
/// SAM's neck.
///
/// Shapes: B images, S side of the input, G side of the embedding (S / 16), C width of the prompts.
/// Source: MobileSAM `tiny_vit_sam.py`; Wu et al., "TinyViT", ECCV 2022. Its stochastic depth is left out: MobileSAM's rate
/// is 0.
package struct TinyViTEncoder: BlockwiseEncoder {
    package let configuration: TinyViTConfiguration
    private let batchStatistics = BatchStatisticsSwitch()
    private let embedding: [ConvolutionBN]
    private let stages: [TinyViTStage]
    /// The blocks of all stages and the merges between them, in their order.
    let chain: [any EncoderBlock]
    /// Parts of the encoder's own training as a classifier, which nothing uses: a file comes out as it went in.
    private let normHead: LayerNorm
    private let head: Linear
    private let neck: EncoderNeck

    /// Random weights as the reference.
    ///
    /// - Parameter configuration: valid, as `validate()` finds it.
    package init(_ configuration: TinyViTConfiguration, from initializer: WeightInitializer) {
        let path = "image_encoder"
        let dims = configuration.embedDims
        let parts = TinyViTParts(
            configuration: configuration, batchStatistics: batchStatistics, initializer: initializer)
        self.configuration = configuration
        embedding = [
            parts.convolution("\(path).patch_embed.seq.0", .spatial(stride: 2), 3, dims[0] / 2),
            parts.convolution("\(path).patch_embed.seq.2", .spatial(stride: 2), dims[0] / 2, dims[0]),
        ]
        stages = dims.indices.map { TinyViTStage(name: "\(path).layers.\($0)", parts, stage: $0) }
        chain = stages.flatMap(\.chain)
        let last = dims[dims.count - 1]
        normHead = LayerNorm("\(path).norm_head", channels: last, epsilon: 1e-5, from: initializer)
        head = Linear("\(path).head", transformer: last, configuration.numClasses, from: initializer)
        neck = EncoderNeck(
            name: "\(path).neck", inputs: last, outputs: configuration.promptEmbedDim, from: initializer)
        normHead.setTrainable(false)
        head.setTrainable(false)
    }

    /// Number of stages.
    package var depth: Int { stages.count }

    /// Whether batch normalisations use their batch's own statistics, and move the running ones when gradients are recorded.
    ///
    /// False at first: running statistics stay as they are and count as constants, the usual way to fine-tune on few images
    /// at a time. Validation wants it false in any case.
    package var usesBatchStatistics: Bool {
        get { batchStatistics.isOn }
        nonmutating set { batchStatistics.isOn = newValue }
    }

    /// - Parameters:
    ///   - images: [B, S, S, 3], normalised.
    ///   - isCheckpointing: whether each block and each merge keeps its input alone until the tape runs backward, and is then
    ///     computed again: memory for time, the same gradients.
    /// - Returns: image embeddings [B, G, G, C].
    package func callAsFunction(_ images: Tensor, isCheckpointing: Bool = false) -> Tensor {
        check(images)
        return features(images, earlyBlock: nil, isCheckpointing: isCheckpointing).embedding
    }

    /// The embedding, and the result of a stage with its merge: of stage 1, [B, G, G, 160] in MobileSAM, is what the light
    /// variant of SAM-HQ wants.
    ///
    /// - Parameter stage: 0 ..< ``depth``.
    package func callAsFunction(
        _ images: Tensor, keepingStage stage: Int, isCheckpointing: Bool = false
    ) -> (embedding: Tensor, features: Tensor) {
        check(images)
        let result = features(images, earlyBlock: lastBlock(ofStage: stage), isCheckpointing: isCheckpointing)
        guard let early = result.early else { preconditionFailure("stage \(stage) gave no tokens") }
        return (result.embedding, early)
    }

    /// The place in the chain of a stage's last block, or of its merge where it has one.
    func lastBlock(ofStage stage: Int) -> Int {
        precondition(stages.indices.contains(stage), "stage \(stage) of \(depth)")
        return stages[...stage].reduce(0) { $0 + $1.chain.count } - 1
    }

    private func check(_ images: Tensor) {
        let side = configuration.imageSize
        precondition(
            images.rank == 4 && images.shape[1...] == [side, side, 3],
            "the image encoder takes [B, \(side), \(side), 3], not \(images.shape)")
    }

    var dependsOnBatch: Bool { usesBatchStatistics }

    /// [B, S, S, 3] -> [B, S / 4, S / 4, D]
    func embed(_ images: Tensor, isCheckpointing: Bool) -> Tensor {
        isCheckpointing
            ? checkpointed(images, parameters: embedding.flatMap(\.parameters), embedded) : embedded(images)
    }

    private func embedded(_ images: Tensor) -> Tensor { embedding[1](embedding[0](images, activation: .gelu)) }

    func finish(_ tokens: Tensor) -> Tensor { neck(tokens) }

    func forEachEmbeddingParameter(_ body: (Parameter) -> Void) {
        for convolution in embedding { convolution.forEachParameter(body) }
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        forEachEmbeddingParameter(body)
        for stage in stages { stage.forEachParameter(body) }
        normHead.forEachParameter(body)
        head.forEachParameter(body)
        neck.forEachParameter(body)
    }
}
