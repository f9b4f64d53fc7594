import Checkpoints
import Foundation
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Runs in which parameters join those that are trained: what changes when, and how they go on.
@Suite struct JoiningRunTests {
    private func joining(in directory: TemporaryDirectory) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.preset = "decoder"
        configuration.unfreeze = ["1:image_encoder.neck", "2:last-1-blocks"]
        configuration.epochs = 4
        configuration.warmupSteps = 2
        return configuration
    }

    private static let wholeFiles = ["model.safetensors", "optimizer.safetensors", "state.json"]

    /// Whatever phase it is interrupted in. A cache of 16 bits shows in the score whether a validation is that of the epoch that
    /// it closes, of which the next one's parameters are no part yet.
    @Test(arguments: [1, 4, 7, 10], [CacheFormat.f32, .f16])
    func aRunThatParametersJoinIsResumed(questions: Int, format: CacheFormat) throws {
        let directory = try TemporaryDirectory()
        var configuration = try joining(in: directory)
        configuration.cacheFormat = format
        try InterruptedRun.expectWholeBytes(configuration, in: directory, every: questions, files: Self.wholeFiles)
    }

    /// A warm-up of its own, however short the run.
    @Test func whatJoinsWarmsUpHoweverShortTheRun() throws {
        let directory = try TemporaryDirectory()
        var configuration = try joining(in: directory)
        (configuration.warmupSteps, configuration.schedule) = (nil, .constant)
        var factors: [Int: Double] = [:]
        _ = try Trainer.new(configuration, in: RunFolder(path: directory.file("run")), replacing: false).run(observe: {
            event in
            guard case .stepped(let step) = event else { return }
            let joined = step.learningRates.first { $0.name == "joined after epoch 1" }
            factors[step.step] = joined.map { $0.number / step.learningRate }
        })
        // Three steps an epoch: at a third, at two thirds and at the whole rate.
        #expect(factors[3] == nil && factors[6] == nil)
        #expect(abs((factors[4] ?? 0) - 1 / 3) < 1e-9 && abs((factors[5] ?? 0) - 2 / 3) < 1e-9)
    }

    /// With adapters as well, what joins is saved from then on.
    @Test func adaptersAndJoining() throws {
        let directory = try TemporaryDirectory()
        var configuration = try joining(in: directory)
        configuration.preset = "decoder+lora"
        configuration.unfreeze = ["2:image_encoder.neck"]
        try InterruptedRun.expectWholeBytes(
            configuration, in: directory, every: 7, files: AdapterRunTests.files)
        func saved(_ epochs: Int) throws -> [String] {
            configuration.epochs = 3
            let folder = RunFolder(path: directory.file("run \(epochs)"))
            var closed = 0
            _ = try Trainer.new(configuration, in: folder, replacing: false).run(
                shouldStop: { closed >= epochs },
                observe: { event in if case .closedEpoch = event { closed += 1 } })
            let path = try #require(folder.checkpoints.folder(.last)) + "/adapter.safetensors"
            return try SafeTensors.read(path).names.filter { $0.hasPrefix("image_encoder.neck.") }
        }
        #expect(try saved(1).isEmpty)
        #expect(try saved(3).count == 6)
    }

    /// Parameters change from when they join, not before; moments of the others go on.
    @Test func whatJoinsChangesFromThenOn() throws {
        let directory = try TemporaryDirectory()
        let configuration = try joining(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        let start = try SAMCheckpoint.read(directory.file("start.safetensors"))
        func changed(since before: SAMModel, _ after: SAMModel) -> Set<String> {
            Set(
                zip(before.parameters, after.parameters).filter { $0.value.values != $1.value.values }.map { pair in
                    pair.0.name.split(separator: ".").prefix(pair.0.name.contains(".blocks.") ? 3 : 2)
                        .joined(separator: ".")
                })
        }
        var before = start
        var found: [Set<String>] = []
        for epoch in 1...4 {
            var closed = epoch - 1
            let trainer =
                epoch == 1
                ? try Trainer.new(configuration, in: folder, replacing: false) : try Trainer.resuming(folder) { _ in }
            _ = try trainer.run(
                shouldStop: { closed >= epoch }, observe: { event in if case .closedEpoch = event { closed += 1 } })
            let checkpoint = try #require(folder.checkpoints.folder(.last))
            let after = try SAMCheckpoint.read(checkpoint)
            found.append(changed(since: before, after).filter { $0.hasPrefix("image_encoder.") })
            before = after
            // Three steps an epoch; each parameter has made those since it joined.
            let optimizer = try SafeTensors.read(checkpoint + "/optimizer.safetensors")
            func steps(_ name: String) -> Float? { optimizer[name + ".step"]?.floats().first }
            #expect(steps("mask_decoder.iou_token.weight") == Float(3 * epoch))
            #expect(steps("image_encoder.neck.0.weight") == (epoch > 1 ? Float(3 * (epoch - 1)) : nil))
            #expect(steps("image_encoder.blocks.1.mlp.lin1.weight") == (epoch > 2 ? Float(3 * (epoch - 2)) : nil))
            #expect(steps("image_encoder.blocks.0.mlp.lin1.weight") == nil)
        }
        #expect(
            found == [
                [], ["image_encoder.neck"], ["image_encoder.neck", "image_encoder.blocks.1"],
                ["image_encoder.neck", "image_encoder.blocks.1"],
            ])
    }

    /// The warm-up of what joins is its own, as long as asked for, and of nothing else.
    @Test func whatJoinsWarmsUp() throws {
        let directory = try TemporaryDirectory()
        var configuration = try joining(in: directory)
        configuration.unfreeze = ["1:image_encoder.neck"]
        configuration.epochs = 2
        configuration.val = nil
        configuration.gradientClip = 0
        configuration.weightDecay = 0
        func moved(_ warmup: Int?) throws -> Float {
            configuration.unfreezeWarmupSteps = warmup
            let folder = RunFolder(path: directory.file("run \(warmup ?? -1)"))
            var steps = 0
            // One step after joining: Adam's first step is as long as the rate.
            _ = try Trainer.new(configuration, in: folder, replacing: false).run(
                shouldStop: { steps >= 4 }, observe: { event in if case .stepped = event { steps += 1 } })
            let (before, after) = (
                try SAMCheckpoint.read(directory.file("start.safetensors")), try SAMCheckpoint.read(folder.path)
            )
            let name = "image_encoder.neck.0.weight"
            let pair = try #require(zip(before.parameters, after.parameters).first { $0.0.name == name })
            return zip(pair.0.value.values, pair.1.value.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
        }
        let (none, four, own) = (try moved(0), try moved(4), try moved(nil))
        #expect(none > 1e-4 && abs(four / none - 0.25) < 0.01, "\(none) \(four)")
        #expect(abs(own / none - 0.5) < 0.01, "the run's own warm-up has two steps")
    }

    @Test func whatJoinsTooLateIsAnError() throws {
        let directory = try TemporaryDirectory()
        var configuration = try joining(in: directory)
        configuration.epochs = 2
        let error = try #require(throws: TrainingError.self) {
            _ = try Trainer.new(configuration, in: RunFolder(path: directory.file("run")), replacing: false)
        }
        #expect(error.code == .configuration && error.message.contains("only 2 epochs"))
    }
}
