package import Runtime

/// A failed step of a pipeline.
package struct PipelineError: OperationError {
    /// The stable names of pipeline failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// Something was dropped that must not be (`--on-error fail`, `--strict`).
        package static let dropped = Code(name: "pipeline.dropped", kind: .badInput)
        /// The output directory holds files already.
        package static let outputExists = Code(name: "pipeline.output-exists", kind: .usage)
        /// What is to be resumed was begun with other options or other input.
        package static let otherRun = Code(name: "pipeline.other-run", kind: .usage)
        /// The output cannot be written.
        package static let write = Code(name: "pipeline.write", kind: .inputOutput)
        /// An input is not there.
        package static let missing = Code(name: "pipeline.missing", kind: .inputMissing)
        /// Nothing is left to convert.
        package static let noImages = Code(name: "pipeline.no-images", kind: .badInput)
        /// An image's pixels are not of the size that its record states.
        package static let imageSize = Code(name: "pipeline.image-size", kind: .badInput)
        /// The parts of a split are not valid.
        package static let split = Code(name: "pipeline.split", kind: .usage)
        /// A stage, its settings, or the order of stages cannot work.
        package static let stage = Code(name: "pipeline.stage", kind: .usage)
        /// A file of stages is not one.
        package static let file = Code(name: "pipeline.file", kind: .usage)
        /// An expression is not one.
        package static let expression = Code(name: "pipeline.expression", kind: .usage)
        /// More records of shards cannot be read than may be left out.
        package static let corruptRecords = Code(name: "pipeline.corrupt-records", kind: .badInput)
        /// A file that a stage compares with cannot be read.
        package static let comparison = Code(name: "pipeline.comparison", kind: .badInput)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    /// No message quotes more of a file than people read.
    private static let longestMessage = 1500

    private static func shortened(_ message: String) -> String {
        message.utf8.count <= longestMessage || message.count <= longestMessage
            ? message : message.prefix(longestMessage) + "…"
    }

    package init(_ code: Code, _ message: String, location: DataLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = Self.shortened(message)
        self.location = location
        self.cause = cause
    }
}
