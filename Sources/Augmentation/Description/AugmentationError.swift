package import Runtime

/// A chain of augmentation steps that is described wrongly, or that cannot be applied to a sample.
package struct AugmentationError: OperationError {
    /// The stable names of augmentation failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// There is no step of this name.
        package static let unknownStep = Code(name: "augment.step", kind: .badInput)
        /// The step has no parameter of this name.
        package static let unknownParameter = Code(name: "augment.parameter", kind: .badInput)
        /// A parameter has a value of the wrong kind or out of its range, or lacks one.
        package static let value = Code(name: "augment.value", kind: .badInput)
        /// A step takes other samples, and there are none to take.
        package static let noPartners = Code(name: "augment.partners", kind: .badInput)
        /// The image has a size that the step cannot work on.
        package static let size = Code(name: "augment.size", kind: .badInput)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, _ message: String, location: DataLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        // No message quotes more of a file than people read.
        self.message = message.count > 1500 ? message.prefix(1500) + "…" : message
        self.location = location
        self.cause = cause
    }
}
