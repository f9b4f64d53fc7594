/// What kind of failure an error is; it decides the process's exit code.
package enum FailureKind: Int32, Sendable, Hashable {
    /// The command line was wrong.
    case usage = 64
    /// The input was read and is not what it should be.
    case badInput = 65
    /// An input does not exist or cannot be opened.
    case inputMissing = 66
    /// A defect of samdata itself.
    case internalDefect = 70
    /// Reading or writing failed (disk full, permission, device).
    case inputOutput = 74

    /// The process's exit code, after BSD `sysexits.h`.
    package var exitCode: Int32 { rawValue }
}

/// A failed operation: the shape that every module's one error struct has.
package protocol OperationError: Error, Sendable, CustomStringConvertible {
    /// A stable, documented name of the failure, such as `shard.truncated`.
    var codeName: String { get }
    /// The kind of failure, hence the exit code.
    var kind: FailureKind { get }
    /// What happened, the value seen, the value expected, and what to do.
    var message: String { get }
    /// Where it happened, as far as known.
    var location: DataLocation? { get }
    /// The error below this one.
    var cause: (any Error)? { get }
}

extension OperationError {
    /// One line: location, message and code; the causes follow on lines of their own.
    package var description: String {
        var text = message + " [\(codeName)]"
        if let location, !location.description.isEmpty { text = "\(location): " + text }
        if let cause { text += "\n  because: \(cause)" }
        return text
    }
}
