/// Whether what a frozen part of the image encoder makes of images is kept and used again.
package enum CachePolicy: String, Sendable, Hashable, CaseIterable {
    /// Wherever the encoder, or its first blocks, are not trained.
    case auto
    case off
}
