import Foundation
import JSONText
import Runtime
import TestSupport
import Testing
import Training

/// Trackers in real runs of a tiny model.
@Suite struct TrainerTrackingTests {
    private func train(
        _ configuration: TrainingConfiguration, in folder: RunFolder
    ) throws -> (outcome: TrainingOutcome, remarks: [String]) {
        var remarks: [String] = []
        let outcome = try Trainer.new(configuration, in: folder, replacing: true).run(observe: { event in
            if case .remarked(let text) = event { remarks.append(text) }
        })
        return (outcome, remarks)
    }

    private func model(_ folder: RunFolder) throws -> [UInt8] {
        try FileSystem.read(try #require(folder.checkpoints.folder(.last)) + "/model.safetensors")
    }

    /// Each tracker writes its own files, and only when it is asked for; the model does not notice.
    @Test func trackersAreThoseOfTheConfiguration() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        var models: [[UInt8]] = []
        for track in [[], [.tensorboard], [.mlflow], [.wandb], TrackerKind.allCases] as [[TrackerKind]] {
            configuration.track = track
            let folder = RunFolder(path: directory.file("run \(track.count) \(track.first?.rawValue ?? "")"))
            _ = try train(configuration, in: folder)
            #expect(folder.tensorBoardFiles.isEmpty != track.contains(.tensorboard))
            #expect(FileSystem.exists(folder.mlflowStorePath) == track.contains(.mlflow))
            #expect(FileSystem.exists(folder.wandbPath) == track.contains(.wandb))
            #expect(
                FileSystem.exists(folder.trackingRecordPath) == (track.contains(.mlflow) || track.contains(.wandb)))
            models.append(try model(folder))
        }
        for model in models { #expect(model == models[0]) }
    }

    @Test(arguments: [0, 1, 2, 5])
    func soManyImagesAreDrawnAtEachValidation(count: Int) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.sampleImages = count
        configuration.validateEvery = 2
        let folder = RunFolder(path: directory.file("run"))
        _ = try train(configuration, in: folder)
        let names = (try? FileSystem.list(folder.samplesPath)) ?? []
        // Two images are validated on, after epochs 2 and 3.
        #expect(names.count == 2 * min(count, 2))
        #expect(names.allSatisfy { $0.hasPrefix("epoch-0002-") || $0.hasPrefix("epoch-0003-") })
    }

    /// What is wrong with a tracker is said once; the run ends as it would without it.
    @Test func aTrackerThatCannotWriteEndsNothing() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.track = [.tensorboard, .mlflow, .wandb]
        let folder = RunFolder(path: directory.file("run"))
        let trainer = try Trainer.new(configuration, in: folder, replacing: false)
        try AtomicFileWriter.write("in the way", to: folder.wandbPath)
        try AtomicFileWriter.write("in the way", to: folder.mlflowStorePath)
        try AtomicFileWriter.write("in the way", to: folder.samplesPath)
        var remarks: [String] = []
        let outcome = try trainer.run(observe: { if case .remarked(let text) = $0 { remarks.append(text) } })
        #expect(outcome.state.closedEpochs == 3)
        #expect(
            remarks.count { $0.contains("W&B no longer") } == 1
                && remarks.count { $0.contains("MLflow no longer") } == 1)
        #expect(remarks.count { $0.contains("sample pictures") } == 1)
        #expect(remarks.last?.contains("metrics.jsonl") ?? false)
        let events = try TensorBoardTests.events(try #require(folder.tensorBoardFiles.first))
        #expect(events.compactMap { $0.scalars["train/loss"] }.count == 9)
    }

    /// Interrupted anywhere and resumed, TensorBoard's files hold each step and each epoch once.
    @Test(arguments: [1, 4, 7, 9])
    func anInterruptedRunIsRecordedOnce(questions: Int) throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        var asked = 0
        func stop() -> Bool {
            asked += 1
            return asked % questions == 0 && asked < 40
        }
        var outcome = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: stop)
        while outcome.wasInterrupted { outcome = try Trainer.resuming(folder) { _ in }.run(shouldStop: stop) }
        let events = try folder.tensorBoardFiles.flatMap { try TensorBoardTests.events($0) }
        #expect(events.filter { $0.scalars["train/loss"] != nil }.map(\.step) == Array(1...9))
        #expect(events.filter { $0.scalars["epoch/loss"] != nil }.map(\.step) == [3, 6, 9])
        #expect(events.filter { $0.images["samples/5"] != nil }.map(\.step) == [3, 6, 9])
        let losses = events.compactMap { $0.scalars["train/loss"] }
        let log = String(decoding: try FileSystem.read(folder.metricsPath), as: UTF8.self).split(separator: "\n")
        let logged = try log.map { try JSONDocument.parse(String($0)) }.filter { $0["kind"] == "step" }
        #expect(losses == logged.map { Float($0["loss"]?.double ?? -1) })
    }

    /// Records change nothing in a run, so a resumed one may have others.
    @Test func aResumedRunMayBeRecordedElsewhere() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        var asked = 0
        _ = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: {
            asked += 1
            return asked == 4
        })
        let outcome = try Trainer.resuming(folder) {
            $0.track = [.wandb]
            $0.runName = "second half"
            $0.experiment = "halves"
            $0.sampleImages = 1
        }.run()
        #expect(!outcome.wasInterrupted && FileSystem.exists(folder.wandbPath))
    }

    /// A new run in the place of an old one finds nothing of it.
    @Test func aReplacedRunLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.track = TrackerKind.allCases
        let folder = RunFolder(path: directory.file("run"))
        _ = try train(configuration, in: folder)
        configuration.track = []
        configuration.sampleImages = 0
        _ = try train(configuration, in: folder)
        #expect(try FileSystem.list(folder.path) == ["checkpoints", "config.yaml", "metrics.jsonl"])
    }
}
