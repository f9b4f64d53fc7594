import Layers
import Runtime
import TestSupport
import Testing
import Training

/// A run that is stopped anywhere and resumed ends with the bytes of one that was not, whatever it is made of.
@Suite struct ExactResumeTests {
    /// A name, and the keys that are set.
    static let recipes: [(name: String, keys: [(String, String)])] = [
        ("adam, polynomial", [("optimizer", "adam"), ("schedule", "polynomial"), ("layer-decay", "0.8")]),
        ("sgd, step", [("optimizer", "sgd"), ("schedule", "step"), ("learning-rates", "image_encoder=0.1")]),
        ("plain descent, one cycle", [("optimizer", "sgd"), ("momentum", "0"), ("schedule", "one-cycle")]),
        ("average, plateau", [("ema", "0.95"), ("schedule", "plateau"), ("plateau-patience", "1")]),
        ("f16, skips, patience", [("precision", "f16"), ("loss-scale", "1e20"), ("patience", "2"), ("epochs", "12")]),
        (
            "adapters, average, late joiners",
            [
                ("lora-rank", "2"), ("ema", "0.9"), ("unfreeze", "1:image_encoder.neck"), ("layer-decay", "0.7"),
                ("unfreeze-warmup-steps", "2"),
            ]
        ),
        (
            "everything",
            [
                ("precision", "f16"), ("ema", "0.9"), ("optimizer", "sgd"), ("schedule", "plateau"),
                ("plateau-patience", "1"), ("patience", "3"), ("learning-rate", "1e-15"), ("epochs", "8"),
            ]
        ),
    ]

    @Test(arguments: recipes.indices, [3, 7])
    func stoppedRunsEndTheSame(index: Int, questions: Int) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        for (key, value) in Self.recipes[index].keys { try configuration.set(key, to: .text(value)) }
        (configuration.report, configuration.sampleImages, configuration.track) = (false, 0, [])
        let whole = try TrainingRun(configuration, as: "whole", in: directory)
        let interrupted = try InterruptedRun(configuration, in: directory.file("parts"), every: questions)
        let (parts, outcome, resumes) = (interrupted.folder, interrupted.outcome, interrupted.resumes)
        #expect(resumes > 1 && outcome.ending == whole.outcome.ending)
        for name in CheckpointStore.Name.allCases {
            #expect(try TrainingRun.files(parts, name) == TrainingRun.files(whole.folder, name))
        }
        #expect(try TrainingRun.metrics(parts) == TrainingRun.metrics(whole.folder))
    }

    /// A run that was ended before its first checkpoint begins anew, to the same bytes.
    @Test func nothingDoneYetIsNoObstacle() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let whole = try TrainingRun(configuration, as: "whole", in: directory)
        let killed = RunFolder(path: directory.file("killed"))
        _ = try Trainer.new(configuration, in: killed, replacing: false)
        _ = try Trainer.resuming(killed) { _ in }.run()
        #expect(try TrainingRun.files(killed) == TrainingRun.files(whole.folder))
    }

    /// A file of the average that does not fit is an error that names it.
    @Test func aDamagedAverageIsAnError() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.ema = 0.9
        let run = try TrainingRun(configuration, in: directory)
        let checkpoint = try #require(run.folder.checkpoints.folder(.last))
        let path = checkpoint + "/unaveraged.safetensors"
        let whole = try FileSystem.read(path)
        let model = try FileSystem.read(checkpoint + "/optimizer.safetensors")
        for bytes in [Array(whole.prefix(whole.count / 2)), model, []] {
            try AtomicFileWriter.write(bytes, to: path)
            let error = try #require(throws: (any Error).self) { try Trainer.resuming(run.folder) { _ in } }
            #expect((error as? any OperationError)?.location?.path == path, "\(error)")
        }
        for sample in 0..<60 {
            var random = CounterRandom(seed: 3, sample: UInt64(sample), purpose: RandomPurpose("average fuzz"))
            var bytes = whole
            for _ in 0...random.index(below: 8) {
                bytes[random.index(below: min(bytes.count, 4000))] = UInt8(truncatingIfNeeded: random.next())
            }
            try AtomicFileWriter.write(bytes, to: path)
            _ = try? Trainer.resuming(run.folder) { _ in }
        }
    }
}
