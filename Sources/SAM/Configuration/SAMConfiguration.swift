/// Every dimension of a model of the Segment Anything family, and how its images are prepared.
///
/// Names follow the reference implementation (`facebookresearch/segment-anything`, `build_sam.py`).
package struct SAMConfiguration: Sendable, Hashable {
    /// The image encoder: which network, and its dimensions.
    package enum Encoder: Sendable, Hashable {
        /// SAM's own: a ViT with windows and relative positions.
        case vit(ViTConfiguration)
        /// MobileSAM's: convolutions, then attention in windows.
        case tinyViT(TinyViTConfiguration)
        /// EfficientSAM's: a ViT that attends over the whole image in every block.
        case plainViT(PlainViTConfiguration)
    }

    /// What follows the image encoder.
    package enum Family: String, Sendable, Hashable, CaseIterable {
        /// Prompt encoder and mask decoder of SAM.
        case sam
        /// The same with a head for one finer mask.
        case samHQ = "sam_hq"
        /// Prompt encoder and mask decoder of EfficientSAM.
        case efficientSAM = "efficient_sam"
    }

    package var encoder = Encoder.vit(ViTConfiguration())
    package var family = Family.sam

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

    /// How images are prepared, and masks brought back to their size.
    package var preprocessing = PreprocessingRecipe.sam

    /// The dimensions of `vit_b`.
    package init() {}

    /// The dimensions of a ViT encoder; to be asked only of a model that has one.
    package var vit: ViTConfiguration {
        get {
            guard case .vit(let vit) = encoder else { preconditionFailure("the model's encoder is \(encoder.title)") }
            return vit
        }
        set { encoder = .vit(newValue) }
    }

    /// Side of the square input, in pixels.
    package var imageSize: Int { encoder.imageSize }

    /// Side of the token grid and of the image embedding.
    package var gridSize: Int { encoder.gridSize }

    /// Side of low-resolution masks and of mask prompts, in pixels.
    package var lowResSize: Int { 4 * gridSize }
    /// Masks that the decoder computes: the single one, then the multimask ones; the finer one of SAM-HQ not counted.
    package var numMaskTokens: Int { numMultimaskOutputs + 1 }
}
