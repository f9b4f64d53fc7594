internal import Augmentation
private import Runtime
internal import SAM
internal import Shards

/// What an entry of the cache is found by: all that its numbers depend on.
struct EmbeddingKey: Sendable, Hashable {
    /// The image's id in its labels, for people who look into a cache; not part of the address.
    let imageID: String
    /// SHA-256 of the image's file, or what stands in its place.
    let image: String
    /// How the image was varied, as text.
    let transform: String
    /// Digest of the frozen weights and of how images are prepared.
    let encoder: String
    /// How far the encoder's work is done.
    let depth: EncoderDepth
    /// SHA-256 of all but ``imageID`` and of the numbers' format: the address.
    let digest: String

    /// - Parameters:
    ///   - imageID: for people.
    ///   - image: says what the pixels are.
    ///   - transform: says how they were varied.
    ///   - encoder: of ``EmbeddingLookup``.
    ///   - depth: of the entry.
    ///   - format: of its numbers.
    init(
        imageID: String, image: String, transform: String, encoder: String, depth: EncoderDepth, format: CacheFormat
    ) {
        self.imageID = imageID
        self.image = image
        self.transform = transform
        self.encoder = encoder
        self.depth = depth
        digest = SHA256Digest.hex(
            Array("samdata embedding 1\n\(encoder)\n\(depth)\n\(format)\n\(image)\n\(transform)\n".utf8))
    }
}

extension ShardSample {
    /// What the decoded pixels depend on.
    var pixelSource: String { "\(sha256) \(width)x\(height) exif \(exifOrientation)" }
}

extension SampleTransform {
    /// All that it does to pixels, exactly, in words.
    var signature: String {
        var parts: [String] = []
        if let crop {
            parts.append(
                "crop \(crop.row),\(crop.column) \(crop.height)x\(crop.width) to \(crop.outputHeight)x\(crop.outputWidth)"
            )
        }
        if symmetry != .identity { parts.append("\(symmetry)") }
        if photometry != .identity {
            parts.append(
                "gamma \(photometry.gamma) contrast \(photometry.contrast) brightness \(photometry.brightness)")
        }
        return parts.isEmpty ? "none" : parts.joined(separator: "; ")
    }

    /// The size of the varied image.
    func size(height: Int, width: Int) -> (height: Int, width: Int) {
        symmetry.size(height: crop?.outputHeight ?? height, width: crop?.outputWidth ?? width)
    }
}
