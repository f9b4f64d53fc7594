internal import Runtime

/// A segmentation that cannot be made.
struct SegmentError: OperationError {
    /// The stable names of the failures.
    struct Code: Sendable, Hashable {
        let name: String
        let kind: FailureKind

        /// No image to segment, or none that can be read.
        static let noImages = Code(name: "segment.no-images", kind: .badInput)
        /// An image was dropped, and `--on-error fail` was given.
        static let dropped = Code(name: "segment.dropped", kind: .badInput)
        /// What is to be resumed was made of other input or with other options.
        static let otherRun = Code(name: "segment.other-run", kind: .usage)
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
