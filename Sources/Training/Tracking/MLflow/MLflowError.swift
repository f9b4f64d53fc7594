internal import Runtime

/// A request that an MLflow server did not do.
package struct MLflowError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    /// Whether the same request may be done later: nobody answered, or the server was in trouble itself.
    package let isTransient: Bool
    /// Whether what was asked for does not exist.
    package let isMissing: Bool

    package init(_ message: String, isTransient: Bool = false, isMissing: Bool = false) {
        self.message = message
        self.isTransient = isTransient
        self.isMissing = isMissing
    }

    init(_ error: HTTPError) {
        self.init(error.message, isTransient: error.code == .unreachable || error.code == .timeout)
    }

    package var description: String { message }
}
