/// A failed file operation.
package struct FileError: OperationError {
    /// The stable names of file failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// The path does not exist or may not be read.
        package static let missing = Code(name: "file.missing", kind: .inputMissing)
        /// The path names a directory where a file is wanted, or the other way round.
        package static let wrongType = Code(name: "file.type", kind: .inputMissing)
        /// Reading failed after the file was opened.
        package static let read = Code(name: "file.read", kind: .inputOutput)
        /// Writing, syncing or renaming failed.
        package static let write = Code(name: "file.write", kind: .inputOutput)
        /// The output exists already and must not be overwritten.
        package static let exists = Code(name: "file.exists", kind: .usage)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, path: String, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = DataLocation(path: path)
        self.cause = cause
    }
}
