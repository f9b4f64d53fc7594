/// Every dimension of the ViT image encoder with windows and relative positions, the one of SAM itself.
///
/// Names follow the reference implementation (`facebookresearch/segment-anything`, `ImageEncoderViT`).
package struct ViTConfiguration: Sendable, Hashable {
    /// Numbers of rows of one block's stored relative-position tables.
    package struct RelativePositionRows: Sendable, Hashable {
        package var height: Int
        package var width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    /// Side of the square input, in pixels; a multiple of `patchSize`.
    package var imageSize = 1024
    /// Side of a patch, in pixels.
    package var patchSize = 16
    /// Width of the encoder's tokens; a multiple of `numHeads`.
    package var embedDim = 768
    /// Number of encoder blocks.
    package var depth = 12
    /// Number of heads of the encoder's attention.
    package var numHeads = 12
    /// Hidden width of the encoder's MLPs.
    package var mlpDim = 3072
    /// Side of an attention window, in tokens; unused when every block attends globally.
    package var windowSize = 14
    /// Blocks (from 0) that attend over the whole image.
    package var globalAttentionIndexes: [Int] = [2, 5, 8, 11]
    /// Rows of the stored tables by block, where they are not the `2 * size - 1` that the block needs; they are then
    /// interpolated.
    package var relativePositionRows: [Int: RelativePositionRows] = [:]
    /// Inner width of the attention by block, where it is not `embedDim`: of models that were pruned layer by layer.
    package var attentionDims: [Int: Int] = [:]
    /// Hidden width of the MLP by block, where it is not `mlpDim`.
    package var mlpDims: [Int: Int] = [:]

    /// The dimensions of `vit_b`.
    package init() {}

    /// The dimensions of one of SAM's own encoders, whose MLPs are four times as wide as their tokens.
    init(dim: Int, depth: Int, heads: Int, globalAttentionIndexes: [Int]) {
        embedDim = dim
        self.depth = depth
        numHeads = heads
        mlpDim = 4 * dim
        self.globalAttentionIndexes = globalAttentionIndexes
    }

    /// The dimensions of `vit_b` pruned uniformly. Source: Chen et al., "SlimSAM: 0.1% data makes segment anything slim",
    /// NeurIPS 2024.
    init(prunedTo dim: Int, mlpDim: Int) {
        embedDim = dim
        self.mlpDim = mlpDim
    }

    /// Side of the token grid.
    package var gridSize: Int { imageSize / patchSize }

    /// Inner width of a block's attention.
    package func attentionDim(ofBlock block: Int) -> Int { attentionDims[block] ?? embedDim }

    /// Width of one head of a block's attention.
    package func headDim(ofBlock block: Int) -> Int { attentionDim(ofBlock: block) / numHeads }

    /// Hidden width of a block's MLP.
    package func mlpDim(ofBlock block: Int) -> Int { mlpDims[block] ?? mlpDim }

    /// Side of the window of a block, in tokens, or 0 when it attends over the whole image.
    package func windowSize(ofBlock block: Int) -> Int { globalAttentionIndexes.contains(block) ? 0 : windowSize }

    /// Side of the square of tokens that a block's attention sees at once.
    package func attentionSize(ofBlock block: Int) -> Int {
        let window = windowSize(ofBlock: block)
        return window == 0 ? gridSize : window
    }

    /// Rows of a block's stored tables.
    package func relativePositionRows(ofBlock block: Int) -> RelativePositionRows {
        let native = 2 * attentionSize(ofBlock: block) - 1
        return relativePositionRows[block] ?? RelativePositionRows(height: native, width: native)
    }

    /// Sets the side of the input; the tables of relative positions keep their stored lengths.
    mutating func resizeInput(to imageSize: Int) {
        for block in 0..<depth where relativePositionRows[block] == nil {
            relativePositionRows[block] = relativePositionRows(ofBlock: block)
        }
        self.imageSize = imageSize
        for block in 0..<depth {
            let stored = relativePositionRows.removeValue(forKey: block)
            if let stored, stored != relativePositionRows(ofBlock: block) { relativePositionRows[block] = stored }
        }
    }
}
