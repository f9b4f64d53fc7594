import Runtime

/// A measurement, or the reading of one, failed.
struct BenchError: OperationError {
    /// The stable names of failures of the bench.
    struct Code: Sendable, Hashable {
        /// Stable, such as `bench.start`.
        let name: String
        /// What kind of failure it is, hence the exit code.
        let kind: FailureKind

        /// A program could not be started.
        static let start = Code(name: "bench.start", kind: .inputMissing)
        /// A program ended, or answered something else than times.
        static let answer = Code(name: "bench.answer", kind: .internalDefect)
        /// A file of results or of thresholds is not what it should be.
        static let document = Code(name: "bench.document", kind: .badInput)
    }

    let code: Code
    let message: String
    /// The file that it is about, where there is one.
    var location: DataLocation?
    /// The error below this one.
    var cause: (any Error)?

    var codeName: String { code.name }
    var kind: FailureKind { code.kind }

    /// - Parameters:
    ///   - code: which failure.
    ///   - message: a sentence with the value seen and the value expected.
    ///   - location: the file, where there is one.
    ///   - cause: the error below this one.
    init(_ code: Code, _ message: String, at location: DataLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }
}
