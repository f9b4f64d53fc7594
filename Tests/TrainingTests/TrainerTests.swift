import Foundation
import JSONText
import Runtime
import SAM
import Shards
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
    /// The files of a checkpoint, byte for byte.
    private func bytes(_ folder: RunFolder, _ name: CheckpointStore.Name = .last) throws -> [String: [UInt8]] {
        let checkpoint = try #require(folder.checkpoints.folder(name))
        return try ["model.safetensors", "optimizer.safetensors", "state.json"].reduce(into: [:]) { files, file in
            files[file] = try FileSystem.read(checkpoint + "/" + file)
        }
    }

    private func metrics(_ folder: RunFolder) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(folder.metricsPath), as: UTF8.self)
            .split(separator: "\n").map { try JSONDocument.parse(String($0)) }
    }

    @Test func theLossFallsAndTheFilesAreThere() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.epochs = 30
        configuration.accumulate = 1
        configuration.augment = []
        let folder = RunFolder(path: directory.file("run"))
        var steps: [TrainingEvent.Step] = []
        let outcome = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
            if case .stepped(let step) = event { steps.append(step) }
        })
        #expect(!outcome.wasInterrupted && outcome.state.closedEpochs == 30 && outcome.state.step == 150)
        #expect(steps.map(\.step) == Array(1...150) && outcome.images == 150)
        let first = steps.prefix(10).reduce(0) { $0 + $1.terms.total }
        let last = steps.suffix(10).reduce(0) { $0 + $1.terms.total }
        #expect(last < 0.7 * first, "loss \(first / 10) became \(last / 10)")
        let lines = try metrics(folder)
        #expect(lines.filter { $0["kind"]?.string == "step" }.count == 150)
        let epochs = lines.filter { $0["kind"]?.string == "epoch" }
        #expect(epochs.count == 30 && epochs.allSatisfy { $0["validation"]?["box"]?["iou"]?.double != nil })
        let best = try #require(outcome.state.best)
        let scores = epochs.map { line -> Double in
            let means = ["box", "point"].map { line["validation"]?[$0]?["iou"]?.double ?? 0 }
            return (means[0] + means[1]) / 2
        }
        #expect(best.score == scores.max())
        let stored = try folder.storedConfiguration()
        #expect(stored.epochs == 30 && stored.shards == configuration.shards)
        #expect(try SAMCheckpoint.read(folder.path).configuration == TrainingFixture.configuration)
    }

    // MARK: The same bytes

    @Test func threadsChangeNothing() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let results = try atEveryWorkerCount {
            let folder = RunFolder(path: directory.file("run \(Workers.count)"))
            _ = try Trainer.new(configuration, in: folder, replacing: false).run()
            return try bytes(folder)
        }
        for result in results { #expect(result == results[0]) }
    }

    /// Stopped at any moment, in a step as in a validation, a resumed run ends with the bytes of one that was not.
    @Test(arguments: [1, 4, 7, 9, 12])
    func anInterruptedRunEndsAsIfItWasNot(questions: Int) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let whole = RunFolder(path: directory.file("whole"))
        _ = try Trainer.new(configuration, in: whole, replacing: false).run()
        let interrupted = try InterruptedRun(configuration, in: directory.file("parts"), every: questions, until: 40)
        let (parts, outcome, resumes) = (interrupted.folder, interrupted.outcome, interrupted.resumes)
        #expect(resumes > 0 && outcome.state.closedEpochs == 3)
        #expect(try bytes(parts) == bytes(whole))
        #expect(try bytes(parts, .best) == bytes(whole, .best))
        func losses(_ folder: RunFolder) throws -> [[Double]] {
            try metrics(folder).filter { $0["kind"]?.string == "step" }.map { line in
                [line["step"]?.double ?? -1, line["loss"]?.double ?? -1]
            }
        }
        #expect(try losses(parts) == losses(whole))
        /// Of the ends of epochs everything but what depends on the clock and the machine.
        func ends(_ folder: RunFolder) throws -> [[JSONValue?]] {
            try metrics(folder).filter { $0["kind"]?.string == "epoch" }.map { line in
                ["step", "epoch", "loss", "validation", "best"].map { line[$0] }
            }
        }
        #expect(try ends(parts) == ends(whole))
    }

    // MARK: Resuming

    @Test func onlyTheLengthMayChange() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let error = try #require(throws: TrainingError.self) {
            try Trainer.resuming(folder) { $0.learningRate = 1 }
        }
        #expect(error.code == .checkpoint && error.message.contains("learning-rate"))
        let longer = try Trainer.resuming(folder) { $0.epochs = 5 }.run()
        #expect(longer.state.closedEpochs == 5 && longer.state.step == 15 && longer.steps == 6)
        #expect(try folder.storedConfiguration().epochs == 5)
        let done = try Trainer.resuming(folder) { _ in }.run()
        #expect(done.steps == 0 && !done.wasInterrupted)
    }

    /// Who changes the length in the run's own file means it, whether it becomes shorter or longer.
    @Test(arguments: [2, 4])
    func theStoredConfigurationMayBeEdited(epochs: Int) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        var asked = 0
        let first = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: {
            asked += 1
            return asked == 3
        })
        #expect(first.wasInterrupted)
        let text = String(decoding: try FileSystem.read(folder.configurationPath), as: UTF8.self)
        try AtomicFileWriter.write(
            text.replacing("epochs: 3", with: "epochs: \(epochs)"), to: folder.configurationPath)
        let outcome = try Trainer.resuming(folder) { _ in }.run()
        #expect(outcome.state.closedEpochs == epochs && !outcome.wasInterrupted)
    }

    @Test func theRunOfACheckpointIsFound() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        for path in ["", "/checkpoints/last", "/checkpoints/best/model.safetensors"] {
            #expect(try RunFolder.enclosing(folder.path + path)?.storedConfiguration().seed == 7)
        }
        #expect(RunFolder.enclosing(directory.file("start.safetensors")) == nil)
    }

    @Test func otherShardsAreRefused() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        try FileManager.default.removeItem(atPath: configuration.shards)
        try TrainingFixture.write(try TrainingFixture.samples(4), to: configuration.shards)
        let error = try #require(throws: TrainingError.self) { try Trainer.resuming(folder) { _ in } }
        #expect(error.code == .checkpoint)
    }

    @Test func aDamagedCheckpointIsAnError() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let checkpoint = try #require(folder.checkpoints.folder(.last))
        for file in ["state.json", "optimizer.safetensors", "model.safetensors"] {
            let path = checkpoint + "/" + file
            let whole = try FileSystem.read(path)
            try AtomicFileWriter.write(Array(whole.prefix(whole.count / 2)), to: path)
            let error = try #require(throws: (any Error).self) { try Trainer.resuming(folder) { _ in } }
            #expect((error as? any OperationError)?.location?.path?.hasSuffix(file) ?? false, "\(error)")
            try AtomicFileWriter.write(whole, to: path)
        }
    }

    // MARK: What goes wrong

    @Test func anAbsurdLearningRateNamesStepAndTensor() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.learningRate = 1e30
        let folder = RunFolder(path: directory.file("run"))
        let error = try #require(throws: TrainingError.self) {
            _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        }
        #expect(error.code == .notFinite && error.message.contains("step 2"))
        #expect(error.message.contains("image_encoder.") || error.message.contains("mask_decoder."), "\(error)")
    }

    @Test func aCorruptRecordIsNamedAndTheCheckpointStays() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let shard = try #require(
            FileSystem.list(configuration.shards).first { $0.hasSuffix(".tfrecord") })
        var bytes = try FileSystem.read(configuration.shards + "/" + shard)
        bytes[bytes.count / 2] ^= 0x10
        try AtomicFileWriter.write(bytes, to: configuration.shards + "/" + shard)
        let error = try #require(throws: ShardError.self) {
            _ = try Trainer.new(configuration, in: RunFolder(path: directory.file("run")), replacing: false).run()
        }
        #expect(error.location?.path?.hasSuffix(shard) ?? false)
        #expect(error.location?.record != nil)
    }

    @Test func aSetWithoutUsableObjectsIsAnError() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.minObjectArea = 100_000
        let folder = RunFolder(path: directory.file("run"))
        let error = try #require(throws: TrainingError.self) {
            _ = try Trainer.new(configuration, in: folder, replacing: false)
        }
        #expect(error.code == .data && !FileSystem.exists(folder.path))
    }

    /// A record that cannot be read in the validation costs no step that was made.
    @Test func aBrokenValidationKeepsTheEpoch() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let val = try #require(configuration.val)
        let shard = try #require(FileSystem.list(val).first { $0.hasSuffix(".tfrecord") })
        let whole = try FileSystem.read(val + "/" + shard)
        /// Writes one byte of the file that the run has open.
        func put(_ byte: UInt8) throws {
            let file = try #require(FileHandle(forWritingAtPath: val + "/" + shard))
            try file.seek(toOffset: UInt64(whole.count - 40))
            try file.write(contentsOf: [byte])
            try file.close()
        }
        let folder = RunFolder(path: directory.file("run"))
        #expect(throws: ShardError.self) {
            _ = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
                // The model that training begins with has been looked at by then.
                if case .stepped(let step) = event, step.step == 1 { try? put(~whole[whole.count - 40]) }
            })
        }
        try put(whole[whole.count - 40])
        let outcome = try Trainer.resuming(folder) { _ in }.run()
        #expect(outcome.state.closedEpochs == 3 && outcome.steps == 6)
        let unbroken = RunFolder(path: directory.file("unbroken"))
        _ = try Trainer.new(configuration, in: unbroken, replacing: false).run()
        #expect(try bytes(folder) == bytes(unbroken))
    }

    /// A wish for more epochs holds, also when the run that had it fails.
    @Test func aLongerRunThatFailsIsLongerTheNextTime() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        _ = try Trainer.resuming(folder) { $0.epochs = 5 }
        let outcome = try Trainer.resuming(folder) { $0.epochs = 5 }.run()
        #expect(outcome.state.closedEpochs == 5)
    }

    @Test func impossibleStatesAreErrors() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        let path = try #require(folder.checkpoints.folder(.last)) + "/state.json"
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        for (key, value) in [
            ("epoch", "9223372036854775807"), ("epoch", "2"), ("planned_epochs", "9223372036854775807"),
            ("step", "9223372036854775807"), ("images_in_epoch", "5"), ("images_in_epoch", "1"),
            ("closed_epochs", "1"), ("loss_sum", "null"),
        ] {
            let changed = text.replacing(
                try Regex("\"\(key)\": [0-9.]+"), with: "\"\(key)\": \(value)", maxReplacements: 1)
            #expect(changed != text)
            try AtomicFileWriter.write(changed, to: path)
            let error = try #require(throws: TrainingError.self) { try Trainer.resuming(folder) { _ in } }
            #expect(error.code == .checkpoint, "\(key) \(value)")
        }
    }

    @Test func warmUpsLongerThanTheRunAreRefused() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.warmupSteps = 9
        let folder = RunFolder(path: directory.file("run"))
        #expect(throws: TrainingError.self) { _ = try Trainer.new(configuration, in: folder, replacing: false) }
        configuration.warmupSteps = 8
        _ = try Trainer.new(configuration, in: folder, replacing: false)
    }

    @Test func startingWeightsAreNotRemoved() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        configuration.weights = folder.path + "/checkpoints/last"
        let error = try #require(throws: TrainingError.self) {
            _ = try Trainer.new(configuration, in: folder, replacing: true)
        }
        #expect(error.code == .outputExists)
        #expect(folder.checkpoints.folder(.last) != nil)
    }

    @Test func weightsOfAnotherModelAreRefusedBeforeAnythingIsWritten() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.model = "vit_b"
        let folder = RunFolder(path: directory.file("run"))
        let error = try #require(throws: TrainingError.self) {
            _ = try Trainer.new(configuration, in: folder, replacing: false)
        }
        #expect(error.code == .configuration && error.message.contains("vit_b"))
        #expect(!FileSystem.exists(folder.path))
    }

    @Test func aLimitOfTimePlansFewerEpochs() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.epochs = 1_000_000
        configuration.maxMinutes = 1e-6
        let outcome = try Trainer.new(configuration, in: RunFolder(path: directory.file("run")), replacing: false).run()
        #expect(outcome.state.closedEpochs == 1 && outcome.state.plannedEpochs == 1 && !outcome.wasInterrupted)
        let again = try Trainer.resuming(RunFolder(path: directory.file("run"))) { _ in }.run()
        #expect(again.steps == 0 && again.state.plannedEpochs == 1)
    }
}
