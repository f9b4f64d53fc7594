/// How far an image encoder's work on an image is done.
package enum EncoderDepth: Sendable, Hashable, CustomStringConvertible {
    /// Nothing is done.
    case pixels
    /// So many blocks are done, at least one; see ``ImageEncoder/blockCount``.
    case blocks(Int)
    /// All of it is done.
    case features

    /// `pixels`, `blocks-8` or `features`, as files name it.
    package var description: String {
        switch self {
        case .pixels: "pixels"
        case .blocks(let count): "blocks-\(count)"
        case .features: "features"
        }
    }
}
