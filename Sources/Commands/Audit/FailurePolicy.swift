internal import ArgumentParser
package import Runtime

/// Which findings make the exit code 1.
package enum FailurePolicy: String, ExpressibleByArgument, CaseIterable, Sendable {
    case error
    case warning
    case never

    /// - Parameter worst: the severest finding, if any.
    package func isReached(by worst: Severity?) -> Bool {
        guard let worst else { return false }
        switch self {
        case .error: return worst >= .error
        case .warning: return worst >= .warning
        case .never: return false
        }
    }
}
