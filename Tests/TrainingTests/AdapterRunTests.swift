import Checkpoints
import Foundation
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Runs that train adapters: what they save, and how they go on.
@Suite struct AdapterRunTests {
    static let files = ["adapter.safetensors", "optimizer.safetensors", "state.json"]

    private func bytes(_ folder: RunFolder, _ name: CheckpointStore.Name = .last) throws -> [[UInt8]] {
        let checkpoint = try #require(folder.checkpoints.folder(name))
        #expect(try FileSystem.list(checkpoint) == Self.files)
        return try Self.files.map { try FileSystem.read(checkpoint + "/" + $0) }
    }

    private func prepare(in directory: TemporaryDirectory) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.preset = "decoder+lora"
        configuration.loraTargets = ["q", "v", "mlp=1:2"]
        return configuration
    }

    @Test func onlyWhatWasTrainedIsSaved() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let path = try #require(folder.checkpoints.folder(.last)) + "/adapter.safetensors"
        let adapter = try AdapterCheckpoint(try CheckpointFile.read(path))
        // The whole path: the adapter is used from other folders as well.
        let weights = URL(fileURLWithPath: try #require(configuration.weights)).standardizedFileURL.path
        #expect(adapter.description.base == weights && adapter.description.targets == ["q=4", "v=4", "mlp=1"])
        #expect(adapter.description.updates.count == 8)
        #expect(adapter.replacements.allSatisfy { $0.name.hasPrefix("mask_decoder.") })
        // The whole model is read from it, merged: all else is the base's.
        let base = try SAMCheckpoint.read(directory.file("start.safetensors"))
        let whole = try SAMCheckpoint.read(folder.path)
        #expect(whole.parameters.map(\.name) == base.parameters.map(\.name))
        for (found, expected) in zip(whole.parameters, base.parameters) {
            let isChanged =
                found.name.hasPrefix("mask_decoder.")
                || [".qkv.weight", ".lin1.weight", ".lin2.weight"].contains { found.name.hasSuffix($0) }
            if !isChanged { #expect(found.value.values == expected.value.values, "\(found.name)") }
        }
        let name = "image_encoder.blocks.1.attn.qkv.weight"
        func values(_ model: SAMModel) throws -> [Float] {
            try #require(model.parameters.first { $0.name == name }).value.values
        }
        let (before, after) = (try values(base), try values(whole))
        #expect(before[..<256] != after[..<256] && before[512...] != after[512...])
        #expect(before[256..<512] == after[256..<512], "keys have no adapter")
    }

    @Test func threadsChangeNothing() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(in: directory)
        let results = try atEveryWorkerCount {
            let folder = RunFolder(path: directory.file("run \(Workers.count)"))
            _ = try Trainer.new(configuration, in: folder, replacing: false).run()
            return try bytes(folder)
        }
        for result in results { #expect(result == results[0]) }
    }

    @Test(arguments: [1, 4, 7])
    func anInterruptedRunEndsAsIfItWasNot(questions: Int) throws {
        let directory = try TemporaryDirectory()
        try InterruptedRun.expectWholeBytes(
            try prepare(in: directory), in: directory, every: questions, files: Self.files)
    }

    /// Beside random weights, which come from no file, these are kept in the run's folder.
    @Test func randomWeightsAreKept() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(in: directory)
        configuration.weights = nil
        configuration.model = "nano"
        configuration.epochs = 1
        configuration.val = nil
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        #expect(FileSystem.exists(folder.basePath))
        let moved = directory.file("moved")
        try FileManager.default.moveItem(atPath: folder.path, toPath: moved)
        let base = try SAMCheckpoint.read(moved + "/base.safetensors")
        let whole = try SAMCheckpoint.read(moved)
        let same = zip(base.parameters, whole.parameters).count { $0.value.values == $1.value.values }
        #expect(same > 30 && same < base.parameters.count)
        _ = try Trainer.resuming(RunFolder(path: moved)) { $0.epochs = 2 }.run()
        // A run that takes the folder's place takes that of the weights too.
        configuration.preset = "decoder"
        configuration.loraTargets = []
        _ = try Trainer.new(configuration, in: RunFolder(path: moved), replacing: true).run()
        #expect(!FileSystem.exists(moved + "/base.safetensors"))
    }

    @Test func theBaseMustBeThere() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let start = directory.file("start.safetensors")
        let weights = try FileSystem.read(start)
        try FileManager.default.removeItem(atPath: start)
        let missing = try #require(throws: FileError.self) { try SAMCheckpoint.read(folder.path) }
        #expect(missing.message.contains("start.safetensors") && missing.code == .missing)
        // Beside the run it is found as well.
        try AtomicFileWriter.write(weights, to: folder.path + "/start.safetensors")
        _ = try SAMCheckpoint.read(folder.path)
        try FileManager.default.removeItem(atPath: folder.path + "/start.safetensors")
        try SAMCheckpoint.write(ScratchWeights.model(TrainingFixture.configuration, seed: 2), to: start)
        for attempt in 0..<2 {
            let error = try #require(throws: CheckpointError.self) {
                if attempt == 0 {
                    _ = try SAMCheckpoint.read(folder.path)
                } else {
                    _ = try Trainer.resuming(folder) { $0.epochs = 4 }
                }
            }
            #expect(error.code == .mismatch && error.message.contains("other weights"))
        }
    }

    /// A run may start from another's adapters: they are merged into its base.
    @Test func adaptersStandOnEachOther() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(in: directory)
        let first = RunFolder(path: directory.file("first"))
        _ = try Trainer.new(configuration, in: first, replacing: false).run()
        configuration.weights = first.path
        configuration.preset = nil
        configuration.loraRank = 1
        configuration.loraTargets = ["k"]
        configuration.epochs = 1
        let second = RunFolder(path: directory.file("second"))
        _ = try Trainer.new(configuration, in: second, replacing: false).run()
        let (base, whole) = (try SAMCheckpoint.read(first.path), try SAMCheckpoint.read(second.path))
        let changed = zip(base.parameters, whole.parameters).filter { $0.value.values != $1.value.values }.map(\.0.name)
        #expect(changed == (0..<2).map { "image_encoder.blocks.\($0).attn.qkv.weight" })
    }

    @Test func anotherConfigurationIsNotResumed() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let error = try #require(throws: TrainingError.self) { try Trainer.resuming(folder) { $0.loraRank = 3 } }
        #expect(error.code == .checkpoint && error.message.contains("lora-rank"))
        let text = String(decoding: try FileSystem.read(folder.configurationPath), as: UTF8.self)
        for (old, new) in [("lora-rank: 0", "lora-rank: 3"), ("preset: decoder+lora", "preset: decoder")] {
            let changed = text.replacing(old, with: new).replacing("mlp=1:2", with: "mlp")
            #expect(changed != text)
            try AtomicFileWriter.write(changed, to: folder.configurationPath)
            let edited = try #require(throws: TrainingError.self) { try Trainer.resuming(folder) { _ in } }
            #expect(edited.code == .checkpoint, "\(edited.message)")
        }
    }

    // MARK: Adapters of others

    /// A file as Sam_LoRA writes it, for the fixture's model.
    private func samLoRA(rank: Int, blocks: Int = 2) -> StateDict {
        var state = StateDict()
        for number in 0..<2 * blocks {
            let initializer = WeightInitializer(seed: UInt64(number + 1))
            state.append(
                "w_a_00\(number)", StateTensor(initializer.normal("a", shape: [rank, 16], deviation: 0.1).value))
            state.append(
                "w_b_00\(number)", StateTensor(initializer.normal("b", shape: [16, rank], deviation: 0.1).value))
        }
        return state
    }

    private func weights(_ folder: RunFolder) throws -> [[Float]] {
        try SAMCheckpoint.read(folder.path).parameters.map(\.value.values)
    }

    /// Of the same rank and places a file is gone on with, otherwise it is part of the base; with a rate of next to nothing
    /// both are the same model.
    @Test(arguments: [
        (2, ["q", "v"], true), (1, ["q", "v"], false), (2, ["q", "k", "v"], false), (2, ["q", "v=2:1"], false),
    ])
    func aFileIsMergedOrGoneOnWith(rank: Int, targets: [String], isContinued: Bool) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        let file = directory.file("adapter.safetensors")
        try SafeTensors.write(samLoRA(rank: 2), to: file)
        configuration.lora = file
        configuration.loraRank = rank
        configuration.loraTargets = targets
        configuration.learningRate = 1e-12
        configuration.weightDecay = 0
        configuration.epochs = 1
        let start = try #require(try AdapterStart(configuration))
        #expect(start.isContinued == isContinued && (start.mergedPath == nil) == isContinued)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let path = try #require(folder.checkpoints.folder(.last)) + "/adapter.safetensors"
        let adapter = try AdapterCheckpoint(try CheckpointFile.read(path))
        #expect((adapter.description.baseAdapter == nil) == isContinued)
        let expected = try SAMCheckpoint.read(
            directory.file("start.safetensors"), options: CheckpointOptions(adapter: file)
        ).parameters.map(\.value.values)
        for (found, expected) in zip(try weights(folder), expected) {
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        }
        _ = try Trainer.resuming(folder) { $0.epochs = 2 }.run()
    }

    /// Without adapters of its own a run begins from the merged weights.
    @Test func aFileIsMergedIntoAWholeRun() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.lora = directory.file("adapter.safetensors")
        try SafeTensors.write(samLoRA(rank: 2), to: directory.file("adapter.safetensors"))
        configuration.preset = "decoder"
        configuration.epochs = 1
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let model = try SAMCheckpoint.read(folder.path)
        let start = try SAMCheckpoint.read(
            directory.file("start.safetensors"), options: CheckpointOptions(adapter: configuration.lora))
        #expect(model.imageEncoder.parameters.map(\.value.values) == start.imageEncoder.parameters.map(\.value.values))
    }

    @Test func aFileForAnotherEncoderIsAnError() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.lora = directory.file("adapter.safetensors")
        configuration.loraRank = 2
        for blocks in [1, 3] {
            try SafeTensors.write(samLoRA(rank: 2, blocks: blocks), to: directory.file("adapter.safetensors"))
            let error = try #require(throws: TrainingError.self) {
                _ = try Trainer.new(configuration, in: RunFolder(path: directory.file("run")), replacing: false)
            }
            #expect(error.code == .parameters && error.message.contains("of \(blocks) blocks"))
        }
        configuration.weights = nil
        let error = try #require(throws: TrainingError.self) { try AdapterStart(configuration) }
        #expect(error.code == .configuration)
    }

    /// The real file of Sam_LoRA, in a model of its size.
    @Test(.enabled(if: Repository.sharedData("sam-lora") != nil, "needs ../shared/data/sam-lora"))
    func theRealFileIsGoneOnWith() throws {
        let folder = try #require(Repository.sharedData("sam-lora"))
        var configuration = TrainingConfiguration()
        configuration.weights = "sam_vit_b.safetensors"
        configuration.lora = folder + "/lora_weights/lora_rank2.safetensors"
        configuration.loraRank = 2
        let start = try #require(try AdapterStart(configuration))
        #expect(start.isContinued)
        let model = SAMModel(SAMConfiguration(), from: .zero)
        let parameters = try TrainedParameters(model, configuration: configuration)
        try start.hand(to: parameters.updates, in: model)
        let file = try SafeTensors.read(folder + "/lora_weights/lora_rank2.safetensors")
        let seventh = try #require(
            parameters.updates.first { $0.site.nameOfA == "image_encoder.blocks.3.attn.qkv.v.lora_A.weight" })
        #expect(seventh.update.a.value.values == file["w_a_007"]?.floats())
        #expect(seventh.update.b.value.values == file["w_b_007"]?.floats())
    }
}
