package import Runtime

/// A JSON text that cannot be read.
package struct JSONError: OperationError {
    /// The stable names of failures to read JSON.
    package struct Code: Sendable, Hashable {
        package let name: String

        /// The text breaks the grammar of RFC 8259.
        package static let syntax = Code(name: "json.syntax")
        /// The text ends before the value does: a file that was cut off.
        package static let truncated = Code(name: "json.truncated")
        /// The text is not UTF-8.
        package static let encoding = Code(name: "json.encoding")
        /// Containers are nested deeper than allowed.
        package static let depth = Code(name: "json.depth")
        /// The document is larger than its reader allows.
        package static let size = Code(name: "json.size")
        /// An object holds the same key twice, where that is refused.
        package static let duplicateKey = Code(name: "json.duplicate-key")
        /// A number is beyond the range of a 64-bit float, where that is refused.
        package static let range = Code(name: "json.range")
        /// A value is of another type than the reader asked for.
        package static let type = Code(name: "json.type")
        /// An object lacks a key that the reader needs.
        package static let missingKey = Code(name: "json.missing-key")
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { .badInput }

    package init(_ code: Code, at location: DataLocation? = nil, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }
}
