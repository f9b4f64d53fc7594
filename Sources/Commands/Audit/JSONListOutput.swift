internal import JSONText
private import Synchronization

/// A JSON document in which a long list stands, written while its elements come: its size is no concern of memory.
final class JSONListOutput: Sendable {
    private struct State {
        var buffer = ""
        var hasElements = false
    }

    private static let bufferBytes = 1 << 16
    private let console: Console
    private let state = Mutex(State())

    init(console: Console) { self.console = console }

    /// - Parameter head: the document up to the list's opening bracket.
    func begin(_ head: String) { state.withLock { $0.buffer = head } }

    /// Adds an element, on a line of its own.
    func add(_ element: JSONValue) {
        let line = element.text()
        state.withLock { state in
            state.buffer += (state.hasElements ? ",\n" : "\n") + line
            state.hasElements = true
            guard state.buffer.utf8.count > Self.bufferBytes else { return }
            console.write(state.buffer)
            state.buffer = ""
        }
    }

    /// - Parameter tail: the document after the list's closing bracket.
    func end(_ tail: String) {
        state.withLock { state in
            console.write(state.buffer + (state.hasElements ? "\n]" : "]") + tail)
            state.buffer = ""
        }
    }
}
