internal import Augmentation
internal import Kernels
private import Runtime
package import SAM
internal import Shards
internal import Tensors

/// The cache as those see it who make examples: what is known of an image needs no pixels.
///
/// With the cache on, an image has a fixed number of variants that epochs take turns with, instead of a new one in each.
package struct EmbeddingLookup: Sendable {
    /// How far the encoder's frozen part goes; never ``EncoderDepth/pixels``.
    package let depth: EncoderDepth
    /// Variants of each image, at least 1.
    package let variants: Int
    let format: CacheFormat
    /// Nil where nothing can be kept: then everything is computed each time it is met, to the same numbers.
    let store: EmbeddingStore?
    /// Digest of the frozen weights and of how images are prepared.
    let encoder: String
    private let tokensShape: [Int]
    private let earlyShape: [Int]?

    /// - Parameters:
    ///   - model: whose frozen part counts; its weights are read once.
    ///   - depth: how far that part goes.
    ///   - variants: of each image.
    ///   - format: of the numbers.
    ///   - store: where they are kept, or nil.
    package init(_ model: SAMModel, depth: EncoderDepth, variants: Int, format: CacheFormat, store: EmbeddingStore?) {
        precondition(depth != .pixels && variants >= 1, "\(variants) variants at depth \(depth)")
        self.depth = depth
        self.variants = variants
        self.format = format
        self.store = store
        // The recipe is in the configuration, which is a part of the digest.
        encoder = model.encoderDigest(to: depth)
        (tokensShape, earlyShape) = ImageEncoder.shapes(model.configuration, at: depth)
    }

    /// Bytes of an image's numbers.
    package var bytesPerImage: Int {
        (tokensShape.reduce(1, *) + (earlyShape?.reduce(1, *) ?? 0)) * format.elementFormat.size
    }

    /// The number that stands for the epoch where an image is varied.
    func variant(ofEpoch epoch: Int) -> Int { epoch % variants }

    func key(of sample: ShardSample, _ transform: SampleTransform) -> EmbeddingKey {
        EmbeddingKey(
            imageID: sample.imageID, image: sample.pixelSource, transform: transform.signature, encoder: encoder,
            depth: depth, format: format)
    }

    /// The key of an image as it is; see ``ShardSample/pixelSource``.
    func key(ofUnvaried source: String) -> EmbeddingKey {
        EmbeddingKey(
            imageID: "", image: source, transform: SampleTransform().signature, encoder: encoder, depth: depth,
            format: format)
    }

    /// The entry of a key, where there is one.
    func image(_ key: EmbeddingKey) -> ExampleImage? {
        store?.read(key) { payload throws(ShardError) in
            let (tokens, early) = try EmbeddingRecord.tensors(
                of: payload, key: key.digest, shapes: (tokensShape, earlyShape), format: format)
            return image(tokens, early)
        }
    }

    /// Keeps what the encoder made of an image, where there is room.
    ///
    /// - Returns: the same as ``image(_:)`` gives from then on: rounded to the format.
    func keep(tokens: Tensor, early: Tensor?, as key: EmbeddingKey) -> ExampleImage {
        store?.add(EmbeddingRecord(key: key, tokens: tokens, early: early), format: format)
        return image(rounded(tokens), early.map(rounded))
    }

    private func rounded(_ tensor: Tensor) -> Tensor {
        if format == .f32 { return tensor }
        let numbers = format.elementFormat
        return tensor.bytes(numbers).withUnsafeBytes { Tensor(bytes: $0, shape: tensor.shape, format: numbers) }
    }

    private func image(_ tokens: Tensor, _ early: Tensor?) -> ExampleImage {
        guard case .blocks(let count) = depth else {
            return .features(ImageFeatures(embedding: tokens, early: early))
        }
        return .prefix(EncoderPrefix(blocks: count, tokens: tokens, early: early))
    }
}
