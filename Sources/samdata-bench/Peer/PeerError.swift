import Runtime

/// The peer process did not do what was asked.
struct PeerError: OperationError {
    /// The stable names of failures of the peer.
    struct Code: Sendable, Hashable {
        let name: String
        let kind: FailureKind

        /// The interpreter could not be started, or lacks a library.
        static let start = Code(name: "peer.start", kind: .inputMissing)
        /// The process ended or answered something else than a time.
        static let answer = Code(name: "peer.answer", kind: .internalDefect)
    }

    let code: Code
    let message: String
    var location: DataLocation?
    var cause: (any Error)?

    var codeName: String { code.name }
    var kind: FailureKind { code.kind }

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
