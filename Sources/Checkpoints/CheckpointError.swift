package import Runtime

/// A checkpoint that cannot be read, or does not fit the model it is meant for.
package struct CheckpointError: OperationError {
    /// The stable names of checkpoint failures.
    package struct Code: Sendable, Hashable {
        package let name: String

        /// The file is of another format, as far as its first bytes tell.
        package static let format = Code(name: "checkpoint.format")
        /// The file ends before what its header promises.
        package static let truncated = Code(name: "checkpoint.truncated")
        /// The header is not what the format asks for.
        package static let header = Code(name: "checkpoint.header")
        /// Tensors overlap, leave holes, or do not fill the bytes that their shape and type need.
        package static let layout = Code(name: "checkpoint.layout")
        /// A tensor's element type is unknown.
        package static let scalarType = Code(name: "checkpoint.type")
        /// A zip archive's directory or entries are not what the format asks for.
        package static let archive = Code(name: "checkpoint.archive")
        /// Bytes differ from their checksum.
        package static let checksum = Code(name: "checkpoint.crc")
        /// A Python pickle is not what the format asks for, or larger than is allowed.
        package static let pickle = Code(name: "checkpoint.pickle")
        /// A Python pickle asks for code or objects, where tensors and plain values are read.
        package static let global = Code(name: "checkpoint.code")
        /// The file is sound, but holds no named tensors.
        package static let content = Code(name: "checkpoint.content")
        /// Tensors are missing, unexpected, or of another shape than the model's.
        package static let mismatch = Code(name: "checkpoint.mismatch")
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
