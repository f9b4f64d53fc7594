package import Images

/// An image that is asked about, and what its pixels come from.
package struct EvaluatedImage: Sendable {
    package let pixels: RGBImage
    /// Says in words what the pixels depend on, by which a cache knows them; nil where nobody can say.
    package let source: String?

    package init(_ pixels: RGBImage, source: String? = nil) {
        self.pixels = pixels
        self.source = source
    }
}
