internal import Logging
private import Synchronization

/// Log lines on stderr: `level label: message key=value`.
enum StandardErrorLog {
    private static let isDone = Atomic<Bool>(false)

    /// Whether ``bootstrap(level:)`` was called.
    static var isSet: Bool { isDone.load(ordering: .relaxed) }

    /// Sets the process's log handler, once; later calls do nothing, as swift-log allows one bootstrap only.
    static func bootstrap(level: Logger.Level) {
        guard !isDone.exchange(true, ordering: .relaxed) else { return }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
