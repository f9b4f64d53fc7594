package import Runtime

/// An image that could not be read or written.
package struct ImageError: OperationError {
    /// The stable names of image failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// The bytes are neither PNG, JPEG nor TIFF.
        package static let unknownFormat = Code(name: "image.format", kind: .badInput)
        /// The bytes end before the image does.
        package static let truncated = Code(name: "image.truncated", kind: .badInput)
        /// The bytes break the rules of their format.
        package static let corrupt = Code(name: "image.corrupt", kind: .badInput)
        /// A valid image of a kind that is not decoded here, such as lossless or 12-bit JPEG.
        package static let unsupported = Code(name: "image.unsupported", kind: .badInput)
        /// More pixels than the limit, or than so few bytes can hold.
        package static let tooLarge = Code(name: "image.too-large", kind: .badInput)
        /// Memory could not be had, or the encoder failed.
        package static let internalFailure = Code(name: "image.internal", kind: .internalDefect)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    /// The id of the rule under which `samdata audit` and `samdata convert` report a file with this failure.
    package var rule: String { code == .truncated ? "image.truncated" : "image.undecodable" }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, _ message: String, location: DataLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }

    /// The same error with the file it is about.
    package func located(at path: String) -> ImageError {
        var error = self
        error.location = error.location ?? DataLocation()
        error.location?.path = path
        return error
    }
}
