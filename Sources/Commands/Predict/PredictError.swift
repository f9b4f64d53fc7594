internal import Runtime

/// A prediction that cannot be made or written.
struct PredictError: OperationError {
    /// The stable names of the failures.
    struct Code: Sendable, Hashable {
        let name: String
        let kind: FailureKind

        /// The mask prompt is not of the image's size.
        static let maskSize = Code(name: "predict.mask-size", kind: .badInput)
        /// A mask prompt with no pixel inside.
        static let emptyMask = Code(name: "predict.mask-empty", kind: .badInput)
        /// A file of prompts that is not what the schema asks for.
        static let prompts = Code(name: "predict.prompts", kind: .badInput)
    }

    var code: Code
    var message: String
    var location: DataLocation?
    var cause: (any Error)?

    var codeName: String { code.name }
    var kind: FailureKind { code.kind }

    init(_ code: Code, _ message: String, path: String) {
        self.code = code
        self.message = message
        location = DataLocation(path: path)
    }
}
