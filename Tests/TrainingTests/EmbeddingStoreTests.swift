import Foundation
import Images
import Layers
import Runtime
import SAM
import Shards
import Tensors
import TestSupport
import Testing
import Training

/// The files of a cache, and what happens to them.
@Suite struct EmbeddingStoreTests {
    private static let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)

    private static func picture(_ number: Int) -> RGBImage {
        RGBImage(height: 20, width: 30, pixels: (0..<1800).map { UInt8(($0 * 11 + number * 3) % 256) })
    }

    /// The frozen part of the encoder with a cache in a folder.
    private func frozen(
        _ folder: String, depth: EncoderDepth = .features, format: CacheFormat = .f32, model: SAMModel = Self.model
    ) throws -> (encoder: FrozenEncoder, store: EmbeddingStore) {
        let store = try EmbeddingStore(folder: folder)
        let lookup = EmbeddingLookup(model, depth: depth, variants: 1, format: format, store: store)
        return (FrozenEncoder(model, lookup: lookup), store)
    }

    private func values(_ encoder: FrozenEncoder, _ numbers: Range<Int> = 0..<3) -> [[Float]] {
        numbers.map { encoder.features(of: EvaluatedImage(Self.picture($0), source: "picture \($0)")).embedding.values }
    }

    private func file(_ folder: String) throws -> String {
        let names = try FileSystem.list(folder).filter { $0.hasSuffix(".tfrecord") }
        #expect(names == ["embeddings-00000.tfrecord"])
        return FileSystem.join(folder, names[0])
    }

    private func count(_ folder: String) throws -> Int { try RecordFile(path: file(folder)).count }

    @Test(arguments: [EncoderDepth.features, .blocks(1), .blocks(2)], CacheFormat.allCases)
    func aSecondLookComputesNothing(depth: EncoderDepth, format: CacheFormat) throws {
        let directory = try TemporaryDirectory()
        let exact = (0..<3).map { SAMPredictor(model: Self.model).features(of: Self.picture($0)).embedding.values }
        let first = values(try frozen(directory.file("cache"), depth: depth, format: format).encoder)
        #expect(try count(directory.file("cache")) == 3)
        let again = try frozen(directory.file("cache"), depth: depth, format: format)
        #expect(values(again.encoder) == first && again.store.takeRemarks().isEmpty)
        #expect(try count(directory.file("cache")) == 3)
        for (found, wanted) in zip(first, exact) {
            let size = wanted.map(abs).max() ?? 0
            let difference = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
            // f16 rounds to eleven bits; behind a cut the blocks that follow may add to that.
            #expect(format == .f32 ? difference == 0 : difference > 0 && difference < 2e-3 * size, "\(depth)")
        }
    }

    /// Other weights of the frozen part, another depth and format are other entries; weights behind it are not.
    @Test func entriesDependOnAllThatCounts() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cache")
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        func look(_ depth: EncoderDepth, _ format: CacheFormat = .f32) throws -> Int {
            _ = values(try frozen(folder, depth: depth, format: format, model: model).encoder, 0..<1)
            return try count(folder)
        }
        #expect(try look(.blocks(1)) == 1)
        #expect(try look(.blocks(1), .f16) == 2)
        #expect(try look(.features) == 3)
        let last = try #require(model.imageEncoder.parameters.last)
        last.withMutableElements { $0[0] += 1 }
        #expect(try look(.blocks(1)) == 3)
        #expect(try look(.features) == 4)
        model.imageEncoder.parameters[0].withMutableElements { $0[0] += 1 }
        #expect(try look(.blocks(1)) == 5)
        #expect(try look(.blocks(1)) == 5)
    }

    /// A record that was changed is computed again, said, and added once more; the one that was added last counts.
    @Test func aDamagedRecordIsComputedAgain() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cache")
        let first = values(try frozen(folder).encoder)
        let path = try file(folder)
        var bytes = try FileSystem.read(path)
        bytes[try RecordFile(path: path).index.range(of: 1).upperBound - 50] ^= 4
        try AtomicFileWriter.write(bytes, to: path)
        let second = try frozen(folder)
        #expect(values(second.encoder) == first)
        let remarks = second.store.takeRemarks()
        #expect(remarks.count == 1 && remarks[0].contains("CRC-32C") && remarks[0].contains(path))
        #expect(try count(folder) == 4)
        let third = try frozen(folder)
        #expect(values(third.encoder) == first && third.store.takeRemarks().isEmpty)
        #expect(try count(folder) == 4)
    }

    /// Any byte of the file may be another, and the file end anywhere: answers are those of the encoder all the same.
    @Test func mutationsNeverChangeAnAnswer() throws {
        let directory = try TemporaryDirectory()
        let wanted = values(try frozen(directory.file("cache")).encoder, 0..<2)
        let name = FileSystem.lastComponent(try file(directory.file("cache")))
        let bytes = try FileSystem.read(file(directory.file("cache")))
        for step in 0..<60 {
            let folder = directory.file("\(step)")
            try FileSystem.createDirectory(folder)
            var changed = bytes
            // Headers and the small values of both records, and some of the numbers.
            let position = step < 40 ? step * 23 : step * bytes.count / 60
            if step % 4 == 3 {
                changed = Array(changed[..<position])
            } else {
                changed[position] ^= 1 << UInt8(step % 8)
            }
            try AtomicFileWriter.write(changed, to: FileSystem.join(folder, name))
            let damaged = try frozen(folder)
            #expect(values(damaged.encoder, 0..<2) == wanted, "step \(step)")
        }
    }

    /// Numbers that are not finite, or of another shape, are nobody's embedding, checksum or not.
    @Test(arguments: ["values", "shape", "dtype"]) func aHostileRecordIsNotBelieved(key: String) throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cache")
        let wanted = values(try frozen(folder).encoder, 0..<1)
        let path = try file(folder)
        var example = try RecordFile(path: path).example(at: 0)
        let name = "samdata/embedding/" + key
        switch key {
        case "values":
            guard case .bytes(var values) = example.features[name] else { throw CocoaError(.fileReadUnknown) }
            values[0].replaceSubrange(0..<4, with: [0, 0, 0xc0, 0x7f])
            example.features[name] = .bytes(values)
        case "shape": example.features[name] = .integers([1, 1 << 62, 4, 4])
        default: example.features[name] = .bytes([Array("float16".utf8)])
        }
        try AtomicFileWriter.write(RecordFraming.frame(example.encoded()), to: path)
        let second = try frozen(folder)
        #expect(values(second.encoder, 0..<1) == wanted && second.store.takeRemarks().count == 1)
    }

    /// Two who add at the same time do so to files of their own, and both are read later.
    @Test func twoMayAddAtOnce() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cache")
        let (one, other) = (try frozen(folder), try frozen(folder))
        _ = values(one.encoder, 0..<1)
        _ = values(other.encoder, 1..<2)
        _ = values(one.encoder, 2..<3)
        let names = try FileSystem.list(folder).filter { $0.hasSuffix(".tfrecord") }
        #expect(names == ["embeddings-00000.tfrecord", "embeddings-00001.tfrecord"])
        let counts = try names.map { try RecordFile(path: FileSystem.join(folder, $0)).count }
        #expect(counts == [2, 1])
        withExtendedLifetime((one, other)) {}
        let third = try frozen(folder)
        _ = values(third.encoder)
        #expect(try names.map { try RecordFile(path: FileSystem.join(folder, $0)).count } == [2, 1])
    }

    /// Where nothing can be written the answers are the same, and it is said once.
    @Test func withoutRoomTheAnswersAreTheSame() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write("", to: directory.file("file"))
        let exact = (0..<3).map { SAMPredictor(model: Self.model).features(of: Self.picture($0)).embedding.values }
        let blocked = try frozen(directory.file("file/cache"))
        #expect(values(blocked.encoder) == exact)
        #expect(!blocked.store.isWritable)
        let remarks = blocked.store.takeRemarks()
        #expect(remarks.count == 1 && remarks[0].contains("not added to any more"))
    }

    /// The files of others in the folder are let alone.
    @Test func otherFilesAreLetAlone() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cache")
        try FileSystem.createDirectory(folder)
        for name in ["embeddings-1.tfrecord", "notes.txt", "embeddings-x.tfrecord"] {
            try AtomicFileWriter.write("mine", to: FileSystem.join(folder, name))
        }
        let first = try frozen(folder)
        _ = values(first.encoder)
        #expect(first.store.takeRemarks().isEmpty)
        #expect(try RecordFile(path: FileSystem.join(folder, "embeddings-00000.tfrecord")).count == 3)
        #expect(try FileSystem.read(FileSystem.join(folder, "embeddings-1.tfrecord")) == Array("mine".utf8))
    }
}
