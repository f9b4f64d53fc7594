internal import Runtime

/// An input that `inspect` cannot say anything about.
struct InspectError: OperationError {
    /// The stable names of the failures.
    struct Code: Sendable, Hashable {
        let name: String
        let kind: FailureKind

        /// The input is none of the kinds that are known.
        static let unknownKind = Code(name: "inspect.kind", kind: .badInput)
        /// The input has no such record, or none at all.
        static let noSuchRecord = Code(name: "inspect.record", kind: .usage)
        /// The option does not apply to this kind of input.
        static let notApplicable = Code(name: "inspect.option", kind: .usage)
        /// An image's name leads out of the images' directory.
        static let outside = Code(name: "inspect.outside", kind: .badInput)
        /// Labels and image do not fit each other, so that nothing can be drawn.
        static let mismatch = Code(name: "inspect.mismatch", kind: .badInput)
    }

    var code: Code
    var message: String
    var location: DataLocation?
    var cause: (any Error)?

    var codeName: String { code.name }
    var kind: FailureKind { code.kind }

    init(_ code: Code, _ message: String, path: String) {
        self.init(code, message, at: DataLocation(path: path))
    }

    init(_ code: Code, _ message: String, at location: DataLocation) {
        self.code = code
        self.message = message
        self.location = location
    }

    /// There is no record with this number.
    ///
    /// - Parameter unit: what is counted, in the singular.
    static func noRecord(_ number: Int, of count: Int, unit: String, path: String) -> InspectError {
        let range = count == 0 ? "there is none at all" : "they are numbered 0 to \(count - 1)"
        return InspectError(.noSuchRecord, "--record: there is no \(unit) number \(number); \(range)", path: path)
    }
}
