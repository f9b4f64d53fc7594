/// Every dimension of a Segment Anything model with a ViT image encoder, and how its images are prepared.
///
/// Names follow the reference implementation (`facebookresearch/segment-anything`, `build_sam.py`).
package struct SAMConfiguration: Sendable, Hashable {
    /// Numbers of rows of one block's stored relative-position tables.
    package struct RelativePositionRows: Sendable, Hashable {
        package var height: Int
        package var width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    // MARK: Image encoder

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

    // MARK: Prompt encoder and mask decoder

    /// Width of image embeddings, prompts and the mask decoder.
    package var promptEmbedDim = 256
    /// Channels of a mask prompt before its last convolution; a multiple of 4.
    package var maskInChannels = 16
    /// Number of two-way layers.
    package var transformerDepth = 2
    /// Number of heads of the two-way layers' attention.
    package var transformerNumHeads = 8
    /// Hidden width of the two-way layers' MLPs.
    package var transformerMLPDim = 2048
    /// How much narrower than `promptEmbedDim` the cross-attentions are.
    package var attentionDownsampleRate = 2
    /// Masks returned for an ambiguous prompt; one more, for a clear prompt, comes before them.
    package var numMultimaskOutputs = 3
    /// Number of linear layers of the head that predicts IoU.
    package var iouHeadDepth = 3
    /// Hidden width of that head.
    package var iouHeadHiddenDim = 256

    // MARK: Preprocessing

    /// Mean of R, G, B on 0...255, subtracted from the input.
    package var pixelMean: [Float] = [123.675, 116.28, 103.53]
    /// Deviation of R, G, B on 0...255, which the input is divided by.
    package var pixelStd: [Float] = [58.395, 57.12, 57.375]

    /// The dimensions of `vit_b`.
    package init() {}

    /// Side of the token grid and of the image embedding.
    package var gridSize: Int { imageSize / patchSize }
    /// Side of low-resolution masks and of mask prompts, in pixels.
    package var lowResSize: Int { 4 * gridSize }
    /// Width of one head of the encoder's attention.
    package var headDim: Int { embedDim / numHeads }
    /// Masks that the decoder computes: the single one, then the multimask ones.
    package var numMaskTokens: Int { numMultimaskOutputs + 1 }

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
}
