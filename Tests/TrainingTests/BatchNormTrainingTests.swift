import Layers
import Runtime
import SAM
import Shards
import Tensors
import TestSupport
import Testing
import Training

/// A TinyViT trained with the statistics of its batches, or with those that it came with.
@Suite struct BatchNormTrainingTests {
    private func prepare(_ directory: TemporaryDirectory, _ mode: BatchNormMode) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        try SAMCheckpoint.write(AdapterFixture.model("tiny"), to: directory.file("tiny.safetensors"))
        configuration.weights = directory.file("tiny.safetensors")
        (configuration.batchSize, configuration.accumulate, configuration.epochs) = (2, 2, 2)
        configuration.batchNorm = mode
        return configuration
    }

    private func statistics(_ weights: [String: [Float]]) -> [String: [Float]] {
        weights.filter { $0.key.contains(".running_") || $0.key.hasSuffix("num_batches_tracked") }
    }

    @Test func runningStatisticsMoveOnlyWhenAsked() throws {
        let directory = try TemporaryDirectory()
        let start = try SAMCheckpoint.read(try #require(try prepare(directory, .frozen).weights))
        let before = statistics(
            Dictionary(uniqueKeysWithValues: start.parameters.map { ($0.name, $0.value.values) }))
        #expect(before.count > 10)
        var trained: [BatchNormMode: [String: [Float]]] = [:]
        for mode in BatchNormMode.allCases {
            let configuration = try prepare(directory, mode)
            trained[mode] = try TrainingRun(configuration, as: mode.rawValue, in: directory).weights()
        }
        let (frozen, batch) = (try #require(trained[.frozen]), try #require(trained[.batch]))
        #expect(statistics(frozen) == before)
        // Five images are three passes an epoch.
        for (name, values) in statistics(batch) {
            #expect(values != before[name] && (!name.hasSuffix("num_batches_tracked") || values == [6]), "\(name)")
        }
        #expect(frozen["image_encoder.neck.0.weight"] != batch["image_encoder.neck.0.weight"])
    }

    /// An interruption within a step moves nothing.
    @Test(arguments: [3, 4]) func stoppedRunsEndTheSame(questions: Int) throws {
        let directory = try TemporaryDirectory()
        try InterruptedRun.expectWholeBytes(
            try prepare(directory, .batch), in: directory, every: questions,
            files: ["model.safetensors", "optimizer.safetensors", "state.json"])
    }

    /// What is validated is the model as it is saved: with the running statistics.
    @Test func validationsUseRunningStatistics() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(directory, .batch)
        let run = try TrainingRun(configuration, in: directory)
        let last = try SAMCheckpoint.read(try #require(run.folder.checkpoints.folder(.last)))
        #expect(!last.imageEncoder.usesBatchStatistics)
        let set = try ShardSet(path: try #require(configuration.val))
        let again = try #require(
            try Evaluator(set, comparesBoundaries: false).evaluate([ModelAnswerer(last, name: "")]))
        #expect(run.epochs.last?.validation?.score == again[0].score)
    }

    @Test func whatIsNotKeptIsRefusedAndWhatDoesNothingIsSaid() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(directory, .batch)
        configuration.loraRank = 2
        let error = try #require(throws: TrainingError.self) { try TrainingRun(configuration, in: directory) }
        #expect(error.code == .configuration && error.message.contains("batch-norm"), "\(error)")
        #expect(!FileSystem.exists(directory.file("run")))
        configuration.loraRank = 0
        func remarks(_ depth: EncoderDepth, _ hasBatchNorms: Bool) -> [String] {
            configuration.idleRemarks(frozenDepth: depth, hasBatchNorms: hasBatchNorms)
        }
        #expect(remarks(.pixels, true) == [])
        #expect(remarks(.pixels, false).contains { $0.hasPrefix("batch-norm has no effect: the image encoder") })
        #expect(remarks(.features, true).contains { $0.hasPrefix("batch-norm has no effect: no part") })
        // Without influence the encoder's results are kept for the next epoch, as without the key.
        configuration.preset = "decoder"
        let run = try TrainingRun(configuration, in: directory)
        #expect(run.epochs[1].encodedImages == 0 || run.epochs[0].encodedImages > 0)
    }
}
