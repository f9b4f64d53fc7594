internal import Layers
internal import Tensors

/// The plain ViT image encoder: patches, blocks of global attention, and a neck to the prompts' width.
///
/// Shapes: B images, S side of the input, G side of the token grid (S / patch), D width of the tokens, C width of the
/// prompts. Source: EfficientSAM `efficient_sam_encoder.py`.
struct PlainViTEncoder: BlockwiseEncoder {
    private let posEmbed: Parameter
    private let patchEmbed: PatchConvolution
    private let blocks: [PlainViTBlock]
    private let neck: EncoderNeck
    private let positionGridSize: Int
    private let gridSize: Int

    /// Random weights as the reference: PyTorch's defaults, positions zero.
    ///
    /// - Parameters:
    ///   - configuration: the dimensions.
    ///   - outputs: C.
    ///   - initializer: makes the parameters.
    init(_ configuration: PlainViTConfiguration, outputs: Int, from initializer: WeightInitializer) {
        let path = "image_encoder"
        let dim = configuration.embedDim
        positionGridSize = configuration.positionGridSize
        gridSize = configuration.gridSize
        posEmbed = initializer.constant(
            "\(path).pos_embed", shape: [1, 1 + positionGridSize * positionGridSize, dim], 0)
        patchEmbed = PatchConvolution(
            "\(path).patch_embed.proj", inputs: 3, outputs: dim, size: configuration.patchSize, from: initializer)
        blocks = (0..<configuration.depth).map { index in
            PlainViTBlock(name: "\(path).blocks.\(index)", configuration, from: initializer)
        }
        neck = EncoderNeck(name: "\(path).neck", inputs: dim, outputs: outputs, from: initializer)
    }

    var chain: [any EncoderBlock] { blocks }

    /// - Returns: [B, G * G, D].
    func embed(_ images: Tensor, isCheckpointing: Bool) -> Tensor {
        let patches = patchEmbed(images)
        let shape = patches.shape
        return patches.reshaped([shape[0], shape[1] * shape[2], shape[3]]) + position(gridSize: shape[1])
    }

    func finish(_ tokens: Tensor) -> Tensor {
        neck(tokens.reshaped([tokens.shape[0], gridSize, gridSize, tokens.shape[2]]))
    }

    func forEachEmbeddingParameter(_ body: (Parameter) -> Void) {
        body(posEmbed)
        patchEmbed.forEachParameter(body)
    }

    /// The positions of a grid's cells, [G * G, D]; the first of those that are stored is that of a class token, which is
    /// not there.
    private func position(gridSize: Int) -> Tensor {
        let stored = posEmbed.tensor.reshaped(Array(posEmbed.shape.dropFirst()))
        let places = stored.sliced(axis: 0, range: 1..<stored.shape[0])
        if gridSize == positionGridSize { return places }
        return BicubicPositions(source: positionGridSize, target: gridSize)(places)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        forEachEmbeddingParameter(body)
        for block in blocks { block.forEachParameter(body) }
        neck.forEachParameter(body)
    }
}
