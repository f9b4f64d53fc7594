import Runtime
import TestSupport
import Testing
import Training

/// A run that is told to stop again and again, in a step as in a validation, and resumed until it ends.
struct InterruptedRun {
    let folder: RunFolder
    let outcome: TrainingOutcome
    /// How often it was resumed.
    let resumes: Int

    /// - Parameters:
    ///   - configuration: of the run.
    ///   - path: of its folder.
    ///   - questions: it stops each time that it has asked so often whether it should.
    ///   - limit: number of questions from which it is left to end.
    init(_ configuration: TrainingConfiguration, in path: String, every questions: Int, until limit: Int = 60) throws {
        folder = RunFolder(path: path)
        var asked = 0
        func stop() -> Bool {
            asked += 1
            return asked % questions == 0 && asked < limit
        }
        var outcome = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: stop)
        var resumes = 0
        while outcome.wasInterrupted {
            outcome = try Trainer.resuming(folder) { _ in }.run(shouldStop: stop)
            resumes += 1
        }
        self.outcome = outcome
        self.resumes = resumes
    }

    /// Expects that a run with interruptions leaves the same files in its last checkpoint as one without.
    static func expectWholeBytes(
        _ configuration: TrainingConfiguration, in directory: TemporaryDirectory, every questions: Int, files: [String]
    ) throws {
        func content(_ folder: RunFolder) throws -> [[UInt8]] {
            let checkpoint = try #require(folder.checkpoints.folder(.last))
            return try files.map { try FileSystem.read(checkpoint + "/" + $0) }
        }
        let whole = RunFolder(path: directory.file("whole"))
        _ = try Trainer.new(configuration, in: whole, replacing: false).run()
        let parts = try InterruptedRun(configuration, in: directory.file("parts"), every: questions)
        #expect(parts.resumes > 0 && parts.outcome.state.closedEpochs == configuration.epochs)
        #expect(try content(parts.folder) == content(whole))
    }
}
