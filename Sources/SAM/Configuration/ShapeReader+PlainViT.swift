extension ShapeReader {
    /// Width of a head in EfficientSAM's encoders.
    private static let headDim = 64

    /// The dimensions of EfficientSAM's encoder.
    ///
    /// Shapes leave two things open, which are then taken as in the reference: heads are 64 wide, and images have 1024
    /// pixels a side.
    func plainViT() throws(SAMError) -> PlainViTConfiguration {
        var result = PlainViTConfiguration()
        let patch = try shape("image_encoder.patch_embed.proj.weight", rank: 4)
        let positions = try shape("image_encoder.pos_embed", rank: 3)[1] - 1
        guard patch[0] % Self.headDim == 0 else {
            throw SAMError(
                .configuration,
                "an image encoder of width \(patch[0]) does not tell its number of heads; the checkpoint needs the "
                    + "metadata \(SAMConfiguration.metadataKey)")
        }
        result.embedDim = patch[0]
        result.patchSize = patch[2]
        result.depth = count { "image_encoder.blocks.\($0).norm1.weight" }
        result.mlpDim = try shape("image_encoder.blocks.0.mlp.fc1.weight", rank: 2)[0]
        result.numHeads = patch[0] / Self.headDim
        // Far from the largest side that is allowed a Double holds the root exactly.
        result.positionGridSize = Int(Double(max(0, positions)).squareRoot())
        return result
    }
}
