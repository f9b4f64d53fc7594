package import ArgumentParser
private import Foundation
package import Logging
private import Runtime

/// The options that every command has.
package struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads to compute with (default: all that this machine gives).", valueName: "n"))
    package var threads: Int?

    @Option(help: ArgumentHelp("Seed of everything random (default: 0).", valueName: "s"))
    package var seed: UInt64?

    @Flag(help: "No progress and no remarks on stderr.")
    package var quiet = false

    @Flag(help: "Print one JSON document on stdout instead of text.")
    package var json = false

    @Option(
        help: ArgumentHelp(
            "What to write to stderr: trace, debug, info, notice, warning, error or critical. Progress and remarks are notices; "
                + "debug adds how a command was run.", valueName: "level"))
    package var logLevel: LogLevel = .notice

    package init() {}

    package func validate() throws {
        if let threads, !(1...4096).contains(threads) {
            throw ValidationError("--threads must be between 1 and 4096, not \(threads).")
        }
    }

    /// Puts the options into force and gives the command its console.
    package func activate() -> Console {
        if let threads { Workers.setProcessDefault(threads) }
        StandardErrorLog.bootstrap(level: quiet ? .critical : logLevel.level)
        Logger(label: "samdata").debug(
            "begun", metadata: ["version": "\(Release.version)", "threads": "\(Workers.count)"])
        return Console(quiet: quiet, level: logLevel.level)
    }
}

/// A log level as an option's value.
package struct LogLevel: ExpressibleByArgument, Sendable {
    package let level: Logger.Level

    package static let notice = LogLevel(level: .notice)

    package init(level: Logger.Level) { self.level = level }

    package init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument.lowercased()) else { return nil }
        self.level = level
    }

    package static var allValueStrings: [String] { Logger.Level.allCases.map(\.rawValue) }
    package var defaultValueDescription: String { level.rawValue }
}
