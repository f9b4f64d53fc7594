package import Runtime

/// An audit that cannot be made.
package struct AuditError: OperationError {
    /// The stable names of failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// A name given to select or ignore is no rule and no family of rules.
        package static let unknownRule = Code(name: "audit.unknown-rule", kind: .usage)
        /// The labels to compare with are of other images.
        package static let nothingInCommon = Code(name: "audit.nothing-in-common", kind: .badInput)
        /// The images' folder is not there.
        package static let imagesFolder = Code(name: "audit.images-folder", kind: .inputMissing)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, _ message: String, location: DataLocation? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }
}
