/// Every dimension of the plain ViT image encoder of EfficientSAM, which attends over the whole image in every block.
///
/// Names follow the other encoder's. Source: EfficientSAM `efficient_sam_encoder.py`.
package struct PlainViTConfiguration: Sendable, Hashable {
    /// Side of the square input, in pixels; a multiple of `patchSize`.
    package var imageSize = 1024
    /// Side of a patch, in pixels.
    package var patchSize = 16
    /// Width of the encoder's tokens; a multiple of `numHeads`.
    package var embedDim = 192
    /// Number of encoder blocks.
    package var depth = 12
    /// Number of heads of the encoder's attention.
    package var numHeads = 3
    /// Hidden width of the encoder's MLPs.
    package var mlpDim = 768
    /// Side of the grid that positions are stored for, in tokens: that of the images of 224 pixels that the encoder was
    /// trained with first. Positions are interpolated where the image's grid is another.
    package var positionGridSize = 14

    /// The dimensions of `efficient_sam_vitt`.
    package init() {}

    /// The dimensions of one of EfficientSAM's encoders, whose MLPs are four times as wide as their tokens.
    init(dim: Int, heads: Int) {
        embedDim = dim
        numHeads = heads
        mlpDim = 4 * dim
    }

    /// Side of the token grid.
    package var gridSize: Int { imageSize / patchSize }
}
