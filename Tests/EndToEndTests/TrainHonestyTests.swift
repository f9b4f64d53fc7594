import JSONText
import Runtime
import TestSupport
import Testing

/// What `samdata train` says and keeps is what happened.
@Suite struct TrainHonestyTests {
    /// The start is scored on the objects that the epochs are scored on, also where the report looks at a part of them.
    @Test func theStartIsScoredAsTheEpochsAre() throws {
        let directory = try TrainingFixture.prepared()
        let rate = ["--val", "shards", "--learning-rate", "1e-12", "--set", "report-clicks=1"]
        let run = try TrainingFixture.train(rate + ["--set", "report-objects=5"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let start = try #require(run.stderr.split(separator: "\n").first { $0.hasPrefix("before training: ") })
        let epoch = try #require(run.stderr.split(separator: "\n").first { $0.hasPrefix("epoch 1/2") })
        let figures = start.split(separator: " ").filter { $0.hasPrefix("0.") }
        #expect(figures.count == 2 && figures.allSatisfy { epoch.contains($0) }, "\(start)\n\(epoch)")
        #expect(run.stderr.contains("best checkpoint (of the report's part of the set)"))
    }

    @Test func aRunCannotBecomeShorter() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(["--val", "shards", "--set", "report=false"], in: directory).status == 0)
        let shorter = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "1"], in: directory.path)
        #expect(shorter.status == 64 && shorter.stderr.contains("fewer than the 2"), "\(shorter.stderr)")
        // A report may still be wanted later.
        let later = try BuiltBinary.run(
            ["train", "-o", "run", "--resume", "--epochs", "3", "--set", "report=true"], in: directory.path)
        #expect(later.status == 0 && FileSystem.exists(directory.file("run/report.html")), "\(later.stderr)")
    }

    @Test func aTestOfRatesReplacesNothing() throws {
        let directory = try TrainingFixture.prepared()
        let call = [
            "train", "shards", "--weights", TrainingFixture.weights, "--find-lr", "--find-lr-steps", "4", "-o", "rates",
        ]
        #expect(try BuiltBinary.run(call, in: directory.path).status == 0)
        let again = try BuiltBinary.run(call, in: directory.path)
        #expect(again.status == 64 && again.stderr.contains("find-lr.json"), "\(again.stderr)")
    }
}
