import Checkpoints
import Images
import Kernels
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// Encoded images on disk.
@Suite struct EmbeddingCacheTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")
    private static let image = RGBImage(height: 20, width: 30, pixels: (0..<1800).map { UInt8($0 * 11 % 256) })

    /// Counts how often the encoder is asked.
    private final class Encoder {
        let predictor: SAMPredictor
        var runs = 0

        init(_ model: SAMModel) { predictor = SAMPredictor(model: model) }

        func features(_ image: RGBImage) -> ImageFeatures {
            runs += 1
            return predictor.features(of: image)
        }
    }

    @Test(arguments: [ElementFormat.float32, .float16, .bfloat16]) func aSecondLookUpComputesNothing(
        format: ElementFormat
    ) throws {
        let directory = try TemporaryDirectory()
        let encoder = Encoder(try SAMCheckpoint.read(Self.weights))
        let cache = try EmbeddingCache(
            folder: directory.file("cache"), model: encoder.predictor.model, format: format)
        let first = try cache.features(of: Self.image) { encoder.features(Self.image) }
        let second = try cache.features(of: Self.image) { encoder.features(Self.image) }
        #expect(first.outcome == .computed && second.outcome == .found && encoder.runs == 1)
        #expect(first.features.embedding.values == second.features.embedding.values)
        let exact = encoder.predictor.features(of: Self.image).embedding.values
        let tolerance: Float = format == .float32 ? 0 : format == .float16 ? 1e-3 : 8e-3
        #expect(relativeError(first.features.embedding.values, exact) <= tolerance)
        let bytes = try FileSystem.list(directory.file("cache")).map {
            try FileSystem.read(directory.file("cache/" + $0)).count
        }
        #expect(bytes.count == 1 && bytes[0] < exact.count * format.size + 400)
    }

    /// Another pixel, other weights and another recipe are other entries.
    @Test func entriesDependOnEverything() throws {
        let directory = try TemporaryDirectory()
        var pixels = Self.image.pixels
        pixels[100] ^= 1
        let other = RGBImage(height: 20, width: 30, pixels: pixels)
        let turned = RGBImage(height: 30, width: 20, pixels: Self.image.pixels)
        let model = try SAMCheckpoint.read(Self.weights)
        let changed = try SAMCheckpoint.read(Self.weights)
        changed.imageEncoder.parameters[3].withMutableElements { $0[0] += 1 }
        let recipe = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(preprocessing: .samed))
        // The decoder has no part in the embedding.
        let decoder = try SAMCheckpoint.read(Self.weights)
        decoder.maskDecoder.parameters[3].withMutableElements { $0[0] += 1 }
        for (model, image, isNew) in [
            (model, Self.image, true), (model, other, true), (model, turned, true), (changed, Self.image, true),
            (recipe, Self.image, true), (model, Self.image, false), (decoder, Self.image, false),
        ] {
            let encoder = Encoder(model)
            let cache = try EmbeddingCache(folder: directory.path, model: model)
            _ = try cache.features(of: image) { encoder.features(image) }
            #expect(encoder.runs == (isNew ? 1 : 0))
        }
        #expect(try FileSystem.list(directory.path).count == 5)
    }

    /// Another program's tensors, or numbers that are none, are not taken for an embedding.
    @Test(arguments: [[1, 1, 1, 1], [1, 8, 8, 31], [2, 8, 8, 32], [8, 8, 32], [1, 0, 0, 32], [1, 8, 8, 32]])
    func wrongTensorsAreNotTaken(shape: [Int]) throws {
        let directory = try TemporaryDirectory()
        let encoder = Encoder(try SAMCheckpoint.read(Self.weights))
        let cache = try EmbeddingCache(folder: directory.path, model: encoder.predictor.model)
        let exact = try cache.features(of: Self.image) { encoder.features(Self.image) }.features.embedding
        #expect(exact.shape == [1, 8, 8, 32])
        let file = directory.file(try #require(FileSystem.list(directory.path).first))
        var state = StateDict()
        state.append(
            "embedding",
            StateTensor(shape: shape, values: [Float](repeating: .nan, count: shape.reduce(1, *))))
        try SafeTensors.write(state, to: file)
        let again = try cache.features(of: Self.image) { encoder.features(Self.image) }
        guard case .replaced(let reason) = again.outcome else {
            Issue.record("\(again.outcome)")
            return
        }
        #expect(reason.contains(shape == exact.shape ? "not finite" : "\(exact.shape) is wanted"), "\(reason)")
        #expect(again.features.embedding.values == exact.values)
    }

    @Test func aBrokenFileIsWrittenAnew() throws {
        let directory = try TemporaryDirectory()
        let encoder = Encoder(try SAMCheckpoint.read(Self.weights))
        let cache = try EmbeddingCache(folder: directory.path, model: encoder.predictor.model)
        let exact = try cache.features(of: Self.image) { encoder.features(Self.image) }.features.embedding.values
        let file = directory.file(try #require(FileSystem.list(directory.path).first))
        let whole = try FileSystem.read(file)
        for damaged in [[], Array(whole[..<(whole.count / 2)]), Array("nonsense".utf8)] {
            try AtomicFileWriter.write(damaged, to: file)
            let again = try cache.features(of: Self.image) { encoder.features(Self.image) }
            guard case .replaced = again.outcome else {
                Issue.record("\(again.outcome)")
                continue
            }
            #expect(again.features.embedding.values == exact)
            #expect(try FileSystem.read(file) == whole)
        }
    }
}
