private import Checkpoints
package import Images
package import Kernels
private import Layers
private import Runtime
private import Tensors

/// Encoded images on disk, found again by what they depend on: the weights, how the image is prepared, and its pixels.
///
/// One safetensors file an image, named after a SHA-256 of these three; so a cache may be shared by models and runs, and
/// needs no cleaning when one of them changes.
package struct EmbeddingCache: Sendable {
    /// How a lookup went, for whoever reports it.
    package enum Outcome: Sendable, Hashable {
        case found
        case computed
        /// There was a file, but it could not be used; it was written anew.
        case replaced(reason: String)
    }

    private let folder: String
    private let format: ElementFormat
    private let modelDigest: String
    /// Shapes of an entry's tensors: of the embedding, and of early tokens where the model reads them.
    private let embeddingShape: [Int]
    private let earlyShape: [Int]?

    /// - Parameters:
    ///   - folder: made when it is missing.
    ///   - model: whose weights count; read once, all of them.
    ///   - format: of the stored numbers: float32, or a 16-bit one in half the space.
    /// - Throws: `FileError` when the folder cannot be made.
    package init(folder: String, model: SAMModel, format: ElementFormat = .float32) throws {
        try FileSystem.createDirectory(folder)
        self.folder = folder
        self.format = format
        modelDigest = model.encoderDigest
        let configuration = model.configuration
        let grid = configuration.gridSize
        embeddingShape = [1, grid, grid, configuration.promptEmbedDim]
        earlyShape =
            configuration.family == .samHQ ? configuration.encoder.earlyWidth.map { [1, grid, grid, $0] } : nil
    }

    /// The image's features: from the cache, or else computed and put there.
    ///
    /// - Parameters:
    ///   - image: its pixels are hashed.
    ///   - encode: computes the features.
    /// - Throws: `FileError.write` when the file cannot be written.
    package func features(
        of image: RGBImage, encode: () -> ImageFeatures
    ) throws -> (features: ImageFeatures, outcome: Outcome) {
        let path = path(for: image)
        var outcome = Outcome.computed
        if FileSystem.exists(path) {
            do {
                return (try read(path), .found)
            } catch {
                outcome = .replaced(reason: "\(error)")
            }
        }
        let features = encode()
        try write(features, to: path)
        // What a second call would read, so that both give the same masks.
        return (format == .float32 ? features : try read(path), outcome)
    }

    private func path(for image: RGBImage) -> String {
        let digest = SHA256Stream()
        Array("\(modelDigest) \(format) \(image.height) \(image.width)".utf8).withUnsafeBytes { digest.update($0) }
        image.pixels.withUnsafeBytes { digest.update($0) }
        return FileSystem.join(folder, digest.finish() + ".safetensors")
    }

    private func read(_ path: String) throws -> ImageFeatures {
        let state = try SafeTensors.read(path)
        func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
            guard let stored = state[name], stored.shape == shape else {
                throw CheckpointError(
                    .mismatch, at: DataLocation(path: path),
                    "\(name) is \(state[name].map { "of shape \($0.shape)" } ?? "not there"); shape \(shape) is wanted")
            }
            let tensor = stored.tensor()
            guard tensor.sumOfSquares.isFinite else {
                throw CheckpointError(
                    .mismatch, at: DataLocation(path: path), "\(name) holds numbers that are not finite")
            }
            return tensor
        }
        return ImageFeatures(
            embedding: try tensor("embedding", embeddingShape), early: try earlyShape.map { try tensor("early", $0) })
    }

    private func write(_ features: ImageFeatures, to path: String) throws(FileError) {
        var state = StateDict()
        state.metadata = ["samdata.content": "image embedding, [B, G, G, C]"]
        state.append("embedding", stored(features.embedding))
        if let early = features.early { state.append("early", stored(early)) }
        try SafeTensors.write(state, to: path)
    }

    /// The elements in the cache's format; what is too large for `float16` becomes its largest number.
    private func stored(_ tensor: Tensor) -> StateTensor {
        let bits: (Float) -> UInt16
        let type: ScalarType
        switch format {
        case .float32: return StateTensor(tensor)
        case .float16:
            let largest = Float(Float16.greatestFiniteMagnitude)
            bits = { Float16(min(max($0, -largest), largest)).bitPattern }
            type = .float16
        case .bfloat16:
            // Rounded to the nearest, of two as near to the even one; the numbers are finite.
            bits = { UInt16(($0.bitPattern &+ 0x7fff &+ ($0.bitPattern >> 16 & 1)) >> 16) }
            type = .bfloat16
        }
        let bytes = tensor.values.flatMap { value in withUnsafeBytes(of: bits(value).littleEndian) { Array($0) } }
        return StateTensor(shape: tensor.shape, scalarType: type, bytes: bytes)
    }
}
