package import Tensors

/// What an image encoder makes of images: all that prompts are answered from.
///
/// Shapes: B images, G side of the token grid, C width of the prompts, D width of the encoder's tokens.
///
/// Of ``early`` and ``detail``, models with the head of SAM-HQ need one, others none.
package struct ImageFeatures: Sendable {
    /// [B, G, G, C].
    package let embedding: Tensor
    /// Tokens of an early block, [B, G, G, D], which the finer head of SAM-HQ reads.
    package let early: Tensor?
    /// What that head makes of the image, whatever the prompts: [B, 4 G, 4 G, C / 8]. See ``SAMModel/detailed(_:imagePosition:prompts:)``.
    package let detail: Tensor?
    /// What the mask decoder's first layer makes of one image, whatever the prompts. See
    /// ``SAMModel/detailed(_:imagePosition:prompts:)``.
    package let projections: EmbeddingProjections?

    package init(
        embedding: Tensor, early: Tensor? = nil, detail: Tensor? = nil, projections: EmbeddingProjections? = nil
    ) {
        self.embedding = embedding
        self.early = early
        self.detail = detail
        self.projections = projections
    }

    /// The features of one of the images.
    package func image(_ index: Int) -> ImageFeatures {
        let range = index..<index + 1
        return ImageFeatures(
            embedding: embedding.sliced(axis: 0, range: range), early: early?.sliced(axis: 0, range: range),
            detail: detail?.sliced(axis: 0, range: range))
    }
}
