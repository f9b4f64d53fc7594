package import Tensors

/// What an image encoder makes of images: all that prompts are answered from.
///
/// Shapes: B images, G side of the token grid, C width of the prompts, D width of the encoder's tokens.
package struct ImageFeatures: Sendable {
    /// [B, G, G, C].
    package let embedding: Tensor
    /// Tokens of an early block, [B, G, G, D], which the finer head of SAM-HQ reads; nil for models without it.
    package let early: Tensor?

    package init(embedding: Tensor, early: Tensor? = nil) {
        self.embedding = embedding
        self.early = early
    }

    /// The features of one of the images.
    package func image(_ index: Int) -> ImageFeatures {
        let range = index..<index + 1
        return ImageFeatures(
            embedding: embedding.sliced(axis: 0, range: range), early: early?.sliced(axis: 0, range: range))
    }
}
