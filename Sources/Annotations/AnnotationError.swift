internal import JSONText
package import Runtime

/// An annotation file or folder that cannot be read at all; what is wrong with single elements is a `Finding`.
package struct AnnotationError: OperationError {
    /// The stable names of failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// The file is not JSON.
        package static let syntax = Code(name: "coco.syntax", kind: .badInput)
        /// The file ends before its JSON does: it was cut off.
        package static let truncated = Code(name: "coco.truncated", kind: .badInput)
        /// The JSON is not a COCO data set.
        package static let structure = Code(name: "coco.structure", kind: .badInput)
        /// A folder of masks holds nothing that its layouts know.
        package static let layout = Code(name: "masks.layout", kind: .badInput)
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

    /// What a JSON error means for a COCO file.
    ///
    /// - Parameter keyPath: the element that was being read, such as `annotations[7]`.
    init(_ error: JSONError, in keyPath: String?) {
        switch error.code {
        case .truncated: self.init(.truncated, at: error.location, "the file is cut off: \(error.message)")
        case .type: self.init(.structure, at: error.location, error.message)
        default: self.init(.syntax, at: error.location, error.message)
        }
        location?.keyPath = keyPath
    }
}
