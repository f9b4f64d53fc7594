internal import Layers
internal import Tensors

/// The ViT image encoder: patches, blocks of window and global attention, and a neck to the prompts' width.
///
/// Shapes: B images, S side of the input, G side of the token grid (S / patch), D width of the tokens, C width of the
/// prompts. Source: segment-anything `image_encoder.py` (after ViTDet).
struct ViTEncoder: BlockwiseEncoder {
    private let patchEmbed: PatchConvolution
    private let posEmbed: Parameter
    private let blocks: [ViTBlock]
    private let neck: EncoderNeck

    /// Random weights as the reference: PyTorch's defaults, positions zero.
    ///
    /// - Parameters:
    ///   - configuration: the dimensions.
    ///   - outputs: C.
    ///   - initializer: makes the parameters.
    init(_ configuration: ViTConfiguration, outputs: Int, from initializer: WeightInitializer) {
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
    }

    var chain: [any EncoderBlock] { blocks }

    func embed(_ images: Tensor, isCheckpointing: Bool) -> Tensor {
        patchEmbed(images) + posEmbed.tensor.reshaped(Array(posEmbed.shape.dropFirst()))
    }

    func finish(_ tokens: Tensor) -> Tensor { neck(tokens) }

    func forEachEmbeddingParameter(_ body: (Parameter) -> Void) {
        body(posEmbed)
        patchEmbed.forEachParameter(body)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        forEachEmbeddingParameter(body)
        for block in blocks { block.forEachParameter(body) }
        neck.forEachParameter(body)
    }
}
