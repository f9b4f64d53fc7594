import Foundation
import JSONText
import Runtime
import SAM
import Shards
import TestSupport
import Testing
import Training

/// Training whose images are encoded once.
@Suite struct CachedTrainingTests {
    /// A run with some of the encoder frozen, and what it said.
    private struct Run {
        var model: [UInt8] = []
        var remarks: [String] = []
        /// Images encoded in each epoch.
        var encoded: [Int] = []
        var losses: [Double] = []
        var scores: [Double] = []
    }

    private static let firstBlock = [
        "image_encoder.patch_embed", "image_encoder.pos_embed", "image_encoder.blocks.0",
    ]

    private func run(
        _ configuration: TrainingConfiguration, in folder: String, change: (inout TrainingConfiguration) -> Void
    ) throws -> Run {
        var configuration = configuration
        configuration.freeze = ["image_encoder"]
        change(&configuration)
        let folder = RunFolder(path: folder)
        var run = Run()
        let trainer = try Trainer.new(configuration, in: folder, replacing: false)
        _ = try trainer.run(observe: { event in
            switch event {
            case .remarked(let text): if text.hasPrefix("cache: ") { run.remarks.append(text) }
            case .stepped(let step): run.losses.append(step.terms.total)
            case .closedEpoch(let epoch):
                run.encoded.append(epoch.encodedImages)
                run.scores.append(epoch.validation?.score ?? -1)
                #expect((0...1).contains(epoch.loaderWait))
            default: break
            }
        })
        let checkpoint = try #require(folder.checkpoints.folder(.last))
        let name = configuration.preset == "decoder+lora" ? "adapter" : "model"
        run.model = try FileSystem.read("\(checkpoint)/\(name).safetensors")
        return run
    }

    /// A run that is stopped after some steps: in an epoch, or where there are three in the validation after it.
    private func interrupted(
        _ configuration: TrainingConfiguration, in folder: RunFolder, afterSteps steps: Int
    ) throws -> TrainingOutcome {
        var done = 0
        return try Trainer.new(configuration, in: folder, replacing: false).run(
            shouldStop: { done >= steps },
            observe: { event in
                if case .stepped = event { done += 1 }
            })
    }

    /// The bytes of the result are those of a run without the cache, whether the images are varied or not, as long as each
    /// epoch has a variant of its own; with all of the encoder frozen as with its first block alone.
    @Test(
        arguments: [["image_encoder"], firstBlock], [[], [.dihedral, .photometric, .crop]] as [[AugmentationFamily]])
    func theCacheChangesNoByte(freeze: [String], augment: [AugmentationFamily]) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let plain = try run(configuration, in: directory.file("plain")) { configuration in
            (configuration.freeze, configuration.augment, configuration.cache) = (freeze, augment, .off)
        }
        #expect(plain.encoded == [0, 0, 0] && plain.remarks.isEmpty)
        #expect(!FileSystem.exists(directory.file("plain/cache")))
        let cached = try run(configuration, in: directory.file("cached")) { configuration in
            (configuration.freeze, configuration.augment) = (freeze, augment)
        }
        #expect(cached.model == plain.model && cached.losses == plain.losses && cached.scores == plain.scores)
        #expect(cached.encoded[0] == 5 && cached.encoded[2] == (augment.isEmpty ? 0 : 5))
        let what = freeze.count == 1 ? "embeddings of 5 images" : "first block makes of 5 images"
        #expect(cached.remarks.count == 1 && cached.remarks[0].contains(what), "\(cached.remarks)")
        #expect(cached.remarks[0].contains("and 2 to validate on"))
    }

    /// Epochs take turns with the variants: what the first ones encoded, the others find.
    @Test(arguments: [1, 2, 3]) func epochsTakeTurnsWithVariants(variants: Int) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let run = try run(configuration, in: directory.file("run")) { configuration in
            configuration.augment = [.photometric]
            configuration.epochs = 5
            configuration.cacheVariants = variants
        }
        #expect(run.encoded == (0..<5).map { $0 < variants ? 5 : 0 })
        #expect(run.remarks[0].contains(variants == 1 ? "5 images and" : "5 images x \(variants) variants"))
    }

    /// As parameters join, less and less is frozen: another level of the cache takes over, and the bytes are those of a run
    /// without it, resumed or not.
    @Test(arguments: [nil, 2, 3, 5, 8]) func anotherLevelTakesOver(stop: Int?) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.preset = "decoder"
        configuration.unfreeze = ["1:image_encoder.neck", "2:last-1-block"]
        let plain = try run(configuration, in: directory.file("plain")) { ($0.freeze, $0.cache) = ([], .off) }
        guard let stop else {
            let cached = try run(configuration, in: directory.file("cached")) { $0.freeze = [] }
            #expect(cached.model == plain.model && cached.losses == plain.losses && cached.encoded == [5, 5, 5])
            let levels = ["embeddings of", "first 2 blocks make of", "first block makes of"]
            #expect(cached.remarks.count == 3 && zip(cached.remarks, levels).allSatisfy { $0.contains($1) })
            return
        }
        let folder = RunFolder(path: directory.file("part"))
        #expect(try interrupted(configuration, in: folder, afterSteps: stop).wasInterrupted)
        _ = try Trainer.resuming(folder) { _ in }.run()
        let model = try FileSystem.read(try #require(folder.checkpoints.folder(.last)) + "/model.safetensors")
        #expect(model == plain.model)
    }

    /// Adapters in all blocks leave nothing of the encoder as it is.
    @Test func adaptersAreNoFrozenPart() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let run = try run(configuration, in: directory.file("run")) { configuration in
            (configuration.freeze, configuration.preset) = ([], "decoder+lora")
        }
        #expect(run.remarks.isEmpty && run.encoded == [0, 0, 0])
    }

    /// A folder of another run has everything, whatever else that run trained.
    @Test func aFolderServesManyRuns() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let first = try run(configuration, in: directory.file("1")) { $0.cacheFolder = directory.file("shared") }
        let second = try run(configuration, in: directory.file("2")) { configuration in
            configuration.cacheFolder = directory.file("shared")
            configuration.learningRate = 1e-3
        }
        #expect(first.encoded.reduce(0, +) > 0 && second.encoded == [0, 0, 0])
        #expect(second.remarks[0].contains(" of this encoder already"))
        #expect(second.model != first.model && !FileSystem.exists(directory.file("2/cache")))
    }

    /// Half the space rounds embeddings to eleven bits: training goes nearly the same way.
    @Test func halfPrecisionIsNearlyTheSame() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let whole = try run(configuration, in: directory.file("f32")) { _ in }
        let half = try run(configuration, in: directory.file("f16")) { $0.cacheFormat = .f16 }
        #expect(half.model != whole.model)
        for (a, b) in zip(half.losses, whole.losses) { #expect(abs(a - b) < 5e-3 * abs(b), "\(a), \(b)") }
        func bytes(_ name: String) throws -> Int {
            try FileSystem.read(directory.file(name + "/cache/embeddings-00000.tfrecord")).count
        }
        #expect(try Double(bytes("f16")) < 0.8 * Double(bytes("f32")))
    }

    @Test func threadsChangeNothing() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let results = try atEveryWorkerCount {
            try run(configuration, in: directory.file("run \(Workers.count)")) { $0.batchSize = 2 }.model
        }
        for result in results { #expect(result == results[0]) }
    }

    /// Stopped at any moment and resumed, in a cache that the first part filled, damaged in between or lost.
    @Test(arguments: ["kept", "damaged", "lost"], [2, 3]) func aResumedRunEndsAsIfItWasNot(
        cache: String, steps: Int
    ) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let whole = try run(configuration, in: directory.file("whole")) { $0.cacheFormat = .f16 }
        var part = configuration
        (part.freeze, part.cacheFormat) = (["image_encoder"], .f16)
        let folder = RunFolder(path: directory.file("part"))
        #expect(try interrupted(part, in: folder, afterSteps: steps).wasInterrupted)
        let path = folder.path + "/cache/embeddings-00000.tfrecord"
        switch cache {
        case "damaged":
            var bytes = try FileSystem.read(path)
            bytes[bytes.count / 2] ^= 1
            try AtomicFileWriter.write(Array(bytes.dropLast(5)), to: path)
        case "lost": try FileManager.default.removeItem(atPath: folder.path + "/cache")
        default: break
        }
        var remarks: [String] = []
        _ = try Trainer.resuming(folder) { _ in }.run(observe: { event in
            if case .remarked(let text) = event { remarks.append(text) }
        })
        let model = try FileSystem.read(try #require(folder.checkpoints.folder(.last)) + "/model.safetensors")
        #expect(model == whole.model)
        #expect((remarks.count > 1) == (cache == "damaged"), "\(remarks)")
    }

    /// Where there is no room the run goes on without keeping anything, to the same bytes.
    @Test func withoutRoomTheResultIsTheSame() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let kept = try run(configuration, in: directory.file("kept")) { $0.cacheVariants = 2 }
        try AtomicFileWriter.write("", to: directory.file("file"))
        let blocked = try run(configuration, in: directory.file("blocked")) { configuration in
            configuration.cacheVariants = 2
            configuration.cacheFolder = directory.file("file/cache")
        }
        #expect(blocked.model == kept.model && kept.encoded == [5, 5, 0] && blocked.encoded == [5, 5, 5])
        #expect(blocked.remarks.contains { $0.contains("not added to any more") })
    }

    /// A run whose encoder is trained from the start has nothing to cache.
    @Test func aTrainedEncoderIsNotCached() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let run = try run(configuration, in: directory.file("run")) { $0.freeze = [] }
        #expect(run.remarks.isEmpty && run.encoded == [0, 0, 0])
        #expect(!FileSystem.exists(directory.file("run/cache")))
    }

    /// Of two epochs only one variant of each is made ahead by `EmbeddingRun`, and the run finds it.
    @Test func whatWasEmbeddedBeforeIsFound() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.val = nil
        configuration.augment = [.dihedral, .crop]
        configuration.cacheVariants = 2
        let set = try ShardSet(path: configuration.shards)
        let model = try SAMCheckpoint.read(try #require(configuration.weights))
        for (round, wanted) in [(0, 10), (1, 0)] {
            let embedding = try EmbeddingRun(
                set, model: model, blocks: nil, configuration: configuration, folder: directory.file("cache"))
            let summary = try embedding.run()
            // Two variants of an image may be the same by chance.
            #expect(summary.encoded + summary.found == 10 && summary.encoded <= wanted, "round \(round)")
            #expect(round == 1 || summary.encoded > 5)
        }
        let run = try run(configuration, in: directory.file("run")) { $0.cacheFolder = directory.file("cache") }
        #expect(run.encoded == [0, 0, 0])
    }

    @Test func roomIsCountedBefore() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let embedding = try EmbeddingRun(
            try ShardSet(path: configuration.shards),
            model: ScratchWeights.model(TrainingFixture.configuration, seed: 1),
            blocks: nil, configuration: configuration, folder: directory.file("cache"))
        // 5 images of 4 variants, [4, 4, 16] floats each.
        #expect(embedding.plan.bytes == 5 * 4 * 4 * 4 * 16 * 4 && embedding.plan.hasRoom)
        #expect(try #require(FileSystem.freeBytes(at: directory.file("not/there/yet"))) > 0)
        func plan(found: Int, free: Int?) -> CachePlan {
            CachePlan(
                depth: .features, images: 5, variants: 4, validationImages: 0, bytesPerImage: 1000, found: found,
                freeBytes: free, folder: "cache")
        }
        #expect(!plan(found: 0, free: 20_000).hasRoom && plan(found: 0, free: 22_000).hasRoom)
        #expect(plan(found: 10, free: 11_000).hasRoom && plan(found: 0, free: nil).hasRoom)
        #expect(plan(found: 0, free: 20_000).sentence.contains("nothing is kept"))
        let error = #expect(throws: TrainingError.self) {
            _ = try EmbeddingRun(
                try ShardSet(path: configuration.shards),
                model: ScratchWeights.model(TrainingFixture.configuration, seed: 1), blocks: 3,
                configuration: configuration, folder: directory.file("cache"))
        }
        #expect(error?.code == .configuration && error?.message.contains("2") ?? false)
    }
}
