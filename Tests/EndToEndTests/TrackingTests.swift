import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

/// What the built binary records of a run, without the tools that it is for.
@Suite struct TrackingTests {
    @Test func aRunIsRecordedAsItIsAsked() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(
            ["--val", "shards", "--track", "tensorboard,mlflow,wandb", "--set", "sample-images=2"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stderr.contains("wandb sync") && run.stderr.contains("mlflow migrate-filestore"))
        let names = try FileSystem.list(directory.file("run"))
        #expect(names.contains { $0.hasPrefix("events.out.tfevents.") })
        #expect(Set(["mlruns", "wandb", "samples", "tracking.json"]).isSubset(of: Set(names)), "\(names)")
        #expect(
            try FileSystem.list(directory.file("run/samples"))
                == ["epoch-0001-2.png", "epoch-0001-4.png", "epoch-0002-2.png", "epoch-0002-4.png"])
        let record = try JSONDocument.read(path: directory.file("run/tracking.json"))
        #expect(try JSONSchemaCheck("tracking").violations(of: record) == [])
    }

    @Test func nothingIsRecordedOnDemand() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--track", "none"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let names = try FileSystem.list(directory.file("run"))
        #expect(names.allSatisfy { !$0.hasPrefix("events.") && !["mlruns", "wandb", "tracking.json"].contains($0) })
    }

    /// A server that is not there costs a remark, not the run.
    @Test func aMissingServerEndsNothing() throws {
        let directory = try TrainingFixture.prepared()
        // Port 9 discards, where it does anything at all.
        let run = try TrainingFixture.train(
            ["--track", "mlflow", "--mlflow-url", "http://127.0.0.1:9", "--json"], in: directory)
        #expect(run.status == 0 && run.stderr.contains("MLflow"), "\(run.stderr)")
        #expect(run.stderr.contains("metrics.jsonl"), "\(run.stderr)")
        #expect(try JSONDocument.parse(run.stdout)["steps"] == 4)
    }

    @Test(
        arguments: [
            (["--track", "comet"], "tensorboard"), (["--set", "sample-imags=1"], "sample-images"),
            (["--set", "sample-images=-1"], "sample-images"), (["--set", "track"], "key=value"),
            (["--set", "experimnt=a"], "experiment"),
        ])
    func wrongKeysAreNamedWithASuggestion(arguments: [String], word: String) throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(arguments, in: directory)
        #expect(run.status == 64 && run.stderr.contains(word), "\(run.stderr)")
        #expect(!FileSystem.exists(directory.file("run")))
    }

    /// Killed without a word and resumed, no step is recorded twice.
    @Test func aKilledRunIsRecordedOnce() throws {
        let directory = try TrainingFixture.prepared()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
        process.arguments = [
            "train", "shards", "--val", "shards", "--weights", TrainingFixture.weights, "--epochs", "60", "-o", "run",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileSystem.exists(directory.file("run/checkpoints/last/state.json")) { usleep(2000) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let resumed = try BuiltBinary.run(["train", "-o", "run", "--resume"], in: directory.path)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        let files = try FileSystem.list(directory.file("run")).filter { $0.hasPrefix("events.out.tfevents.") }
        #expect(files.count == 2)
        var scalars = 0
        for name in files {
            let file = try RecordFile(path: directory.file("run/" + name))
            for index in 0..<file.count {
                let text = try file.withPayload(at: index) { String(decoding: $0, as: UTF8.self) }
                if text.contains("train/loss") { scalars += 1 }
            }
        }
        // Five images, four a step.
        #expect(scalars == 120)
    }
}
