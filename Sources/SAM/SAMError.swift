package import Runtime

/// A failed operation on a Segment Anything model.
package struct SAMError: OperationError {
    /// The stable names of model failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// The tensors are those of another model family, or of none.
        package static let family = Code(name: "sam.family", kind: .badInput)
        /// The dimensions contradict each other or the tensors.
        package static let configuration = Code(name: "sam.configuration", kind: .badInput)
        /// A prompt cannot be used with the image.
        package static let prompt = Code(name: "sam.prompt", kind: .usage)
        /// A side of the input that somebody asks for and the model cannot have.
        package static let imageSize = Code(name: "sam.image-size", kind: .usage)
        /// The model's answer is no number.
        package static let answer = Code(name: "sam.answer", kind: .badInput)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, at location: DataLocation? = nil, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }
}
