internal import Kernels
internal import Runtime
internal import SAM
internal import Shards
internal import Tensors

/// What a record of the cache says: an image's way through the encoder's frozen part, as a `tf.train.Example`.
///
/// The tensors are raw little-endian numbers (`tf.io.decode_raw`) with their shape and type beside them; the last of the keys
/// in byte order, so that the first bytes of a record tell what it is. `schemas/example.proto` describes the keys.
struct EmbeddingRecord: Sendable {
    /// The names of a record's values, all of them in every record.
    enum Key {
        static let dtype = "samdata/embedding/dtype"
        static let encoder = "samdata/embedding/encoder"
        static let key = "samdata/embedding/key"
        static let level = "samdata/embedding/level"
        static let shape = "samdata/embedding/shape"
        static let earlyShape = "samdata/embedding/shape_early"
        static let transform = "samdata/embedding/transform"
        static let values = "samdata/embedding/values"
        static let earlyValues = "samdata/embedding/values_early"
    }

    /// Bytes of a record in which the small values lie.
    static let headBytes = 4096

    /// The content's address; see ``EmbeddingKey``.
    let key: EmbeddingKey
    let tokens: Tensor
    let early: Tensor?

    /// The payload of the record.
    func payload(format: CacheFormat) -> [UInt8] {
        func integers(_ shape: [Int]?) -> Example.Feature { .integers((shape ?? []).map(Int64.init)) }
        func text(_ text: String) -> Example.Feature { .bytes([Array(text.utf8)]) }
        let numbers = format.elementFormat
        return Example(features: [
            ExampleKey.sourceID: text(key.imageID), ExampleKey.sha256: text(key.image),
            Key.dtype: text(format.dtype), Key.encoder: text(key.encoder), Key.key: text(key.digest),
            Key.level: text(key.depth.description), Key.transform: text(key.transform),
            Key.shape: integers(tokens.shape), Key.earlyShape: integers(early?.shape),
            Key.values: .bytes([tokens.bytes(numbers)]),
            Key.earlyValues: .bytes(early.map { [$0.bytes(numbers)] } ?? []),
            ExampleKey.schemaVersion: .integers([1]),
        ]).encoded()
    }

    /// The tensors of a payload.
    ///
    /// - Parameters:
    ///   - payload: whose checksum has been verified.
    ///   - key: what it must be of.
    ///   - shapes: of the tensors.
    ///   - format: of the numbers.
    /// - Throws: `ShardError.content` for a record of anything else, or of numbers that are not finite.
    static func tensors(
        of payload: UnsafeRawBufferPointer, key: String, shapes: (tokens: [Int], early: [Int]?), format: CacheFormat
    ) throws(ShardError) -> (tokens: Tensor, early: Tensor?) {
        let view = try ExampleView(payload)
        guard try view.text(Key.key) == key, try view.text(Key.dtype) == format.dtype else {
            throw ShardError(.content, "is the embedding of something else")
        }
        func tensor(_ name: String, _ shapeName: String, _ shape: [Int]) throws(ShardError) -> Tensor {
            guard let values = try view.bytes(name), values.count == 1,
                try view.integers(shapeName) == shape.map(Int64.init),
                values[0].count == shape.reduce(1, *) * format.elementFormat.size
            else { throw ShardError(.content, "\(name) is not of shape \(shape)") }
            let tensor = Tensor(bytes: values[0], shape: shape, format: format.elementFormat)
            guard tensor.sumOfSquares.isFinite else {
                throw ShardError(.content, "\(name) holds numbers that are not finite")
            }
            return tensor
        }
        let tokens = try tensor(Key.values, Key.shape, shapes.tokens)
        guard let early = shapes.early else { return (tokens, nil) }
        return (tokens, try tensor(Key.earlyValues, Key.earlyShape, early))
    }
}

extension CacheFormat {
    /// The numbers' type as NumPy and TensorFlow call it.
    var dtype: String { self == .f32 ? "float32" : "float16" }
}
