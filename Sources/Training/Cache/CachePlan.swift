private import Runtime
package import SAM

/// What a run's cache holds in the end, and whether there is room for it.
package struct CachePlan: Sendable, Hashable {
    /// How far the encoder's frozen part goes.
    package let depth: EncoderDepth
    /// Images that are trained on, and the variants of each that are kept.
    package let images: Int
    package let variants: Int
    /// Images that are validated on, which are not varied.
    package let validationImages: Int
    /// Bytes of one image's numbers.
    package let bytesPerImage: Int
    /// Entries of the same frozen part that are there already.
    package let found: Int
    /// Bytes that the disk still takes, or nil where the system does not say.
    package let freeBytes: Int?
    /// The folder.
    package let folder: String

    package init(
        depth: EncoderDepth, images: Int, variants: Int, validationImages: Int, bytesPerImage: Int, found: Int,
        freeBytes: Int?, folder: String
    ) {
        self.depth = depth
        self.images = images
        self.variants = variants
        self.validationImages = validationImages
        self.bytesPerImage = bytesPerImage
        self.found = found
        self.freeBytes = freeBytes
        self.folder = folder
    }

    /// Entries in the end.
    package var entries: Int { images * variants + validationImages }
    /// Bytes in the end.
    package var bytes: Int { entries * bytesPerImage }
    /// Whether the disk takes what is missing, with a tenth to spare.
    package var hasRoom: Bool {
        guard let freeBytes else { return true }
        let missing = Double(max(0, entries - found)) * Double(bytesPerImage)
        return missing * 1.1 <= Double(freeBytes)
    }

    /// What the cache does, for people.
    package var sentence: String {
        let what: String =
            switch depth {
            case .blocks(1): "what the encoder's first block makes"
            case .blocks(let count): "what the encoder's first \(count) blocks make"
            case .features, .pixels: "embeddings"
            }
        let many = variants > 1 ? "\(images) images x \(variants) variants" : "\(images) images"
        let also = validationImages > 0 ? " and \(validationImages) to validate on" : ""
        let size = ByteSize(bytes: bytes)
        guard hasRoom else {
            return "cache: \(what) of \(many)\(also) would take \(size) in \(folder), where "
                + "\(ByteSize(bytes: freeBytes ?? 0)) are free; nothing is kept, images are encoded whenever they are met"
        }
        return "cache: \(what) of \(many)\(also), \(size) in \(folder), "
            + (found == 0
                ? "encoded as they are met"
                : "which holds \(found) of this encoder already; any that is missing is encoded when it is met")
    }
}
