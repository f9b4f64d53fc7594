import ArgumentParser
import Foundation
import Runtime

/// Measures samdata's hot paths beside what a user would take instead.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samdata-bench",
        abstract: "Measure samdata's hot paths beside PyTorch and ONNX Runtime.",
        subcommands: [
            RunCommand.self, CheckCommand.self, ServeCommand.self, MemoryCommand.self, MemoryInputCommand.self,
        ], defaultSubcommand: RunCommand.self)

    /// Exit codes are samdata's, so that 1 says that a threshold is missed and nothing else.
    static func main() {
        // A peer that ends early is a sentence in the results, not a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as any OperationError {
            FileHandle.standardError.write(Data("samdata-bench: \(error.description)\n".utf8))
            Foundation.exit(error.kind.exitCode)
        } catch {
            let isUnknown = exitCode(for: error).rawValue == 1 && !(error is ExitCode)
            if !isUnknown { exit(withError: error) }
            FileHandle.standardError.write(Data("samdata-bench: \(error)\n".utf8))
            Foundation.exit(FailureKind.internalDefect.exitCode)
        }
    }
}
