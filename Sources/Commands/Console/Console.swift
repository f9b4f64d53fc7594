private import Foundation
private import Synchronization

/// The two streams of a command: results on stdout, everything else on stderr.
package struct Console: Sendable {
    /// Whether stderr is a terminal, so that a progress line may be redrawn.
    package let isInteractive: Bool
    /// Whether colour may be used: a terminal, and `NO_COLOR` not set.
    package let usesColour: Bool
    /// Whether progress and remarks are suppressed.
    package let isQuiet: Bool

    /// - Parameter quiet: `--quiet` was given.
    package init(quiet: Bool = false) {
        isQuiet = quiet
        isInteractive = isatty(STDERR_FILENO) == 1
        usesColour = isInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Writes one result, newline added, to stdout.
    package func result(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a part of a result to stdout, as it is.
    package func write(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

    /// Writes a remark to stderr, unless quiet.
    package func remark(_ text: String) {
        if !isQuiet { Self.write(text.printable + "\n", to: STDERR_FILENO) }
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
