private import Foundation
private import Runtime
private import Synchronization

/// Progress of a long command: a redrawn line on a terminal, a plain line every ten seconds elsewhere.
package final class ProgressReporter: Sendable {
    private struct State {
        var started = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
        var hasLine = false
    }

    private let console: Console
    private let title: String
    private let unit: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - title: what is being done, such as `converting`.
    ///   - unit: what is counted, in the plural, such as `images`.
    ///   - console: where the progress is shown.
    package init(_ title: String, unit: String, console: Console) {
        self.title = title
        self.unit = unit
        self.console = console
    }

    /// Shows that `done` of `total` are done; may be called from any thread, as often as wanted.
    package func update(done: Int, total: Int?, detail: String = "") {
        guard !console.isQuiet else { return }
        let now = ContinuousClock.now
        let line: String? = state.withLock { state in
            let pause: Duration = console.isInteractive ? .milliseconds(100) : .seconds(10)
            if let last = state.lastShown {
                if now - last < pause { return nil }
            } else if !console.isInteractive && now - state.started < pause {
                return nil
            }
            state.lastShown = now
            state.hasLine = true
            return Self.line(
                title: title, unit: unit, done: done, total: total, seconds: state.started.secondsSince,
                detail: detail)
        }
        guard let line else { return }
        if console.isInteractive { console.redraw(line) } else { console.remark(line) }
    }

    /// Ends the progress line, so that what follows starts on a line of its own.
    package func finish() {
        let hadLine = state.withLock { state in
            defer { state.hasLine = false }
            return state.hasLine
        }
        if hadLine && console.isInteractive { console.redraw("") }
    }

    /// One line: bar, counts, rate and estimated time left.
    package static func line(
        title: String, unit: String, done: Int, total: Int?, seconds: Double, detail: String
    ) -> String {
        let rate = seconds > 0 ? Double(done) / seconds : 0
        var parts = ["\(title):"]
        if let total, total > 0 {
            let share = min(1, Double(done) / Double(total))
            let filled = Int(share * 24)
            parts.append("[" + String(repeating: "=", count: filled) + String(repeating: " ", count: 24 - filled) + "]")
            parts.append("\(done)/\(total) \(unit)")
        } else {
            parts.append("\(done) \(unit)")
        }
        if rate > 0 { parts.append(String(format: "%.1f/s", rate)) }
        if let total, rate > 0, done < total {
            parts.append("ETA " + Self.duration(Double(total - done) / rate))
        }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: " ")
    }

    /// `59 s`, `3 min 20 s`, `2 h 05 min`.
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }
}
