internal import Runtime

/// Predictions that cannot be compared with the truth as was asked.
struct EvaluateError: OperationError {
    /// The stable names of failures.
    struct Code: Sendable, Hashable {
        let name: String
        let kind: FailureKind

        /// None of the results can be used: the files do not belong together, or it is no file of results.
        static let nothingUsable = Code(name: "evaluate.nothing-usable", kind: .badInput)
        /// A file on the web, where one of this machine is wanted.
        static let notHere = Code(name: "evaluate.address", kind: .usage)
        /// A class that was asked for does not exist.
        static let unknownClass = Code(name: "evaluate.unknown-class", kind: .usage)
    }

    let code: Code
    let message: String
    var location: DataLocation?
    var cause: (any Error)?

    var codeName: String { code.name }
    var kind: FailureKind { code.kind }

    init(_ code: Code, _ message: String, at location: DataLocation? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }
}
