private import Foundation
package import Logging
private import Synchronization

/// The two streams of a command: results on stdout, everything else on stderr.
package struct Console: Sendable {
    /// Whether stderr is a terminal, so that a progress line may be redrawn.
    package let isInteractive: Bool
    /// Whether colour may be used: a terminal, and `NO_COLOR` not set.
    package let usesColour: Bool
    /// Whether progress is suppressed, and remarks that are no warnings.
    package let isQuiet: Bool
    /// The least weight of what is written to stderr, but for the error that ends a command.
    private let level: Logger.Level

    /// - Parameters:
    ///   - quiet: `--quiet` was given: no progress and no remarks.
    ///   - level: progress and remarks are notices, but for those that say of themselves that they are warnings or errors.
    package init(quiet: Bool = false, level: Logger.Level = .notice) {
        self.level = quiet ? .critical : level
        isQuiet = self.level > .notice
        isInteractive = isatty(STDERR_FILENO) == 1
        usesColour = isInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Writes one result, newline added, to stdout.
    package func result(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a part of a result to stdout, as it is.
    package func write(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

    /// Writes a remark to stderr, unless quiet or lighter than what is wanted.
    package func remark(_ text: String) { write(text, as: Self.weight(of: text)) }

    /// Writes a line of a warning of several lines to stderr, as ``remark(_:)`` does.
    func warningLine(_ text: String) { write(text, as: .warning) }

    private func write(_ text: String, as weight: Logger.Level) {
        if weight >= level { Self.write(text.printable + "\n", to: STDERR_FILENO) }
    }

    /// What a remark says of itself: in its first word, or behind the place that it is about.
    private static func weight(of text: String) -> Logger.Level {
        func says(_ word: String) -> Bool { text.hasPrefix(word + ":") || text.contains(": \(word): ") }
        return says("error") ? .error : says("warning") ? .warning : .notice
    }

    /// Writes an error to stderr, quiet or not.
    package func error(_ text: String) {
        Self.write((usesColour ? "\u{1B}[31merror:\u{1B}[0m " : "error: ") + text.printable + "\n", to: STDERR_FILENO)
    }

    /// Redraws the progress line of a terminal.
    func redraw(_ line: String) { Self.write("\r\u{1B}[2K" + line, to: STDERR_FILENO) }

    /// Writes all bytes, also when the system takes them in parts; a closed pipe ends the output silently.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }
}
