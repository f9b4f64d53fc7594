private import ArgumentParser
private import Foundation
private import Logging
private import Runtime

/// The whole program: parses the arguments, runs the command, and turns its outcome into text and an exit code.
package enum CommandLineTool {
    /// - Parameter arguments: what follows the program's name.
    /// - Returns: the exit code of DESIGN.md: 0 done, 1 audit found errors, 64 usage, 65 bad data, 66 missing input,
    ///   70 internal, 74 input or output.
    package static func run(_ arguments: [String]) -> Int32 {
        // A reader that goes away (`samdata … | head`) ends the output, not the process in mid-write.
        signal(SIGPIPE, SIG_IGN)
        // A limit on the size of files is an error of the write that meets it, which cleans up, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try SamdataCommand.parseAsRoot(arguments)
            let began = ContinuousClock.now
            do {
                try command.run()
                // A command that has no options of ours has set no handler, and swift-log's own is on stdout.
                if StandardErrorLog.isSet {
                    Logger(label: "samdata").debug(
                        "done",
                        metadata: [
                            "seconds": "\(String(format: "%.3f", began.secondsSince))",
                            "peak_memory_bytes": "\(ResourceUsage.peakMemoryBytes)",
                        ])
                }
            } catch let error as ValidationError {
                // What a command finds wrong while it runs is told with its own usage, as what parsing finds is.
                let lines = ["Error: \(error.message)", usage(of: type(of: command))]
                FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
                return FailureKind.usage.exitCode
            }
            return 0
        } catch let error as any OperationError {
            Console().error(error.description)
            return error.kind.exitCode
        } catch {
            return report(error)
        }
    }

    /// How a command is called, and where to read more.
    private static func usage(of command: any ParsableCommand.Type) -> String {
        let usage = SamdataCommand.usageString(for: command).replacing("\n", with: "\n       ")
        let name = path(to: command, from: SamdataCommand.self) ?? []
        return "Usage: \(usage)\n  See '\(name.joined(separator: " ")) --help' for more information."
    }

    /// The words that lead to a command.
    private static func path(
        to command: any ParsableCommand.Type, from root: any ParsableCommand.Type
    ) -> [String]? {
        let name = root.configuration.commandName ?? ""
        if root == command { return [name] }
        return root.configuration.subcommands.lazy.compactMap { path(to: command, from: $0) }.first.map { [name] + $0 }
    }

    /// Help, versions, usage errors and exit codes that a command asked for.
    private static func report(_ error: any Error) -> Int32 {
        let code = SamdataCommand.exitCode(for: error).rawValue
        if error is ExitCode { return code }
        let message = SamdataCommand.fullMessage(for: error)
        if code == 0 {
            Console().result(message)
            return 0
        }
        FileHandle.standardError.write(Data((message + "\n").utf8))
        // ArgumentParser's code for anything it does not know is 1, which here means "audit found errors".
        return code == 1 ? FailureKind.internalDefect.exitCode : code
    }
}
