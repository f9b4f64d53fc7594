import JSONText
import Runtime
import TestSupport
import Testing

/// `--log-level`: what of a command's words goes to stderr.
@Suite struct LogLevelTests {
    private func words(_ arguments: [String], in directory: TemporaryDirectory) throws -> String {
        let run = try BuiltBinary.run(
            [
                "train", "shards", "--weights", TrainingFixture.weights, "--epochs", "1", "-o", "run", "--force",
                "--set",
                "min-per-class=1000",
            ] + arguments, in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        return run.stderr
    }

    @Test func levelsChooseWhatIsSaid() throws {
        let directory = try TrainingFixture.prepared()
        let usual = try words([], in: directory)
        #expect(usual.contains("memory: about") && usual.contains("1000") && !usual.contains("peak_memory_bytes"))
        #expect(try words(["--log-level", "notice"], in: directory).contains("memory: about"))
        let debug = try words(["--log-level", "debug", "--threads", "2"], in: directory)
        #expect(debug.contains("memory: about") && debug.contains("threads=2") && debug.contains("peak_memory_bytes="))
        let warnings = try words(["--log-level", "warning"], in: directory)
        #expect(!warnings.contains("memory: about") && warnings.contains("warning:") && warnings.contains("block"))
        #expect(try words(["--log-level", "error"], in: directory).isEmpty)
        for silent in [["--log-level", "critical"], ["--quiet"], ["--quiet", "--log-level", "debug"]] {
            #expect(try words(silent, in: directory).isEmpty, "\(silent)")
        }
    }

    /// The error that ends a command is told whatever the level.
    @Test func errorsAreAlwaysTold() throws {
        let directory = try TemporaryDirectory()
        let run = try BuiltBinary.run(["inspect", "nowhere", "--log-level", "critical"], in: directory.path)
        #expect(run.status == 66 && run.stderr.contains("nowhere"))
    }
}
