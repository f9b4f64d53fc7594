import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata train --find-lr` as a user runs it.
@Suite struct FindLearningRateTests {
    private func find(_ arguments: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(
            ["train", "shards", "--weights", TrainingFixture.weights, "--find-lr"] + arguments, in: directory.path)
    }

    @Test func theTestLeavesItsFilesAndNothingElse() throws {
        let directory = try TrainingFixture.prepared()
        let run = try find(["--find-lr-steps", "40", "-o", "rates"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("suggestion") && run.stdout.contains("rates/find-lr.svg"), "\(run.stdout)")
        #expect(try FileSystem.list(directory.file("rates")) == ["find-lr.json", "find-lr.svg"])
        let document = try JSONDocument.read(path: directory.file("rates/find-lr.json"))
        #expect(try JSONSchemaCheck("find-lr").violations(of: document) == [])
        let rates = try #require(document["points"]?.array).compactMap { $0["learning_rate"]?.double }
        #expect(rates.first == 1e-7 && zip(rates, rates.dropFirst()).allSatisfy { $0 < $1 })
        let plot = String(decoding: try FileSystem.read(directory.file("rates/find-lr.svg")), as: UTF8.self)
        #expect(plot.contains("learning rate (logarithmic)") && plot.contains("<polyline"))
    }

    @Test func withoutAFolderNothingIsWritten() throws {
        let directory = try TrainingFixture.prepared()
        let before = try FileSystem.list(directory.path)
        let run = try find(["--find-lr-steps", "10", "--json", "--quiet"], in: directory)
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("find-lr").violations(of: document) == [])
        #expect(document["planned_steps"] == 10)
        #expect(run.status == (document["suggestion"] == .null ? 1 : 0) && run.stderr.isEmpty, "\(run.stderr)")
        #expect(try FileSystem.list(directory.path) == before)
    }

    /// Without a fall there is no suggestion, and the exit code says so.
    @Test func aParameterWithoutInfluenceGetsNone() throws {
        let directory = try TrainingFixture.prepared()
        let options = ["--prompts", "single", "--train-only", "prompt_encoder.mask_downscaling", "-o", "rates"]
        let run = try find(options + ["--find-lr-steps", "20"], in: directory)
        #expect(run.status == 1, "\(run.stderr)")
        #expect(run.stdout.contains("none: no rate made the loss fall by more than its noise"), "\(run.stdout)")
        let document = try JSONDocument.read(path: directory.file("rates/find-lr.json"))
        #expect(try JSONSchemaCheck("find-lr").violations(of: document) == [] && document["suggestion"] == .null)
    }

    @Test(arguments: [
        (["--find-lr-steps", "1"], "--find-lr-steps"), (["--resume"], "--find-lr"), (["--force"], "--find-lr"),
        (["--learning-rate", "0"], "learning-rate"),
    ])
    func wrongArgumentsAreNamed(arguments: [String], word: String) throws {
        let directory = try TrainingFixture.prepared()
        let run = try find(arguments, in: directory)
        #expect(run.status == 64 && run.stderr.contains(word), "\(run.stderr)")
    }

    /// A run needs a folder; only the test does without.
    @Test func aRunWithoutAFolderIsRefused() throws {
        let directory = try TrainingFixture.prepared()
        let run = try BuiltBinary.run(["train", "shards"], in: directory.path)
        #expect(run.status == 64 && run.stderr.contains("-o"), "\(run.stderr)")
    }
}
