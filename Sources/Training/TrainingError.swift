package import Runtime

/// A failed operation of training or evaluation.
package struct TrainingError: OperationError {
    /// The stable names of training failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// A configuration holds an unknown key, a value of the wrong type, or a value outside its range.
        package static let configuration = Code(name: "training.configuration", kind: .usage)
        /// The configuration file is not the YAML that it should be.
        package static let configurationSyntax = Code(name: "training.configuration-syntax", kind: .badInput)
        /// The data cannot be trained on or evaluated: no objects, no images, an image that cannot be decoded.
        package static let data = Code(name: "training.data", kind: .badInput)
        /// A name pattern selects no parameter, or nothing is left to train.
        package static let parameters = Code(name: "training.parameters", kind: .usage)
        /// A loss or gradient became NaN or infinite.
        package static let notFinite = Code(name: "training.not-finite", kind: .badInput)
        /// A checkpoint is incomplete, or belongs to another run than the one that should go on.
        package static let checkpoint = Code(name: "training.checkpoint", kind: .badInput)
        /// There is nothing to go on from.
        package static let nothingToResume = Code(name: "training.nothing-to-resume", kind: .inputMissing)
        /// The run would need more memory than it may use.
        package static let memory = Code(name: "training.memory", kind: .usage)
        /// The disk has no room for what is to be written.
        package static let space = Code(name: "training.space", kind: .inputOutput)
        /// The run folder exists already and must not be overwritten.
        package static let outputExists = Code(name: "training.output-exists", kind: .usage)
        /// Another process is training in the run folder.
        package static let busy = Code(name: "training.busy", kind: .usage)
        /// A record of the run, beside its own, cannot be written.
        package static let tracking = Code(name: "training.tracking", kind: .inputOutput)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(_ code: Code, _ message: String, at location: DataLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }
}
