package import Runtime

/// A mask that cannot be made from what was given.
///
/// The code names are the rule ids under which `samdata audit` reports the same defect.
package struct MaskError: OperationError {
    /// The stable names of mask failures.
    package struct Code: Sendable, Hashable {
        package let name: String

        /// Height or width is negative, their product is over 2^32 - 1, or two masks differ in size.
        package static let size = Code(name: "rle.size")
        /// The runs do not add up to height x width.
        package static let sum = Code(name: "rle.sum")
        /// A run is negative or over 2^32 - 1.
        package static let count = Code(name: "rle.count")
        /// A compressed RLE has a character outside ASCII 48...111, a number without an end, or one that is too long.
        package static let characters = Code(name: "rle.characters")
        /// A coordinate is NaN, infinite, or so large that the COCO rasteriser's 32-bit integers overflow.
        package static let coordinate = Code(name: "polygon.not-finite")
        /// The first ring has exactly four numbers, which the COCO mask API takes for a box.
        package static let fourNumbers = Code(name: "polygon.four-numbers")
        /// The outline crosses more pixel columns than any real object does.
        package static let complexity = Code(name: "polygon.complexity")
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { .badInput }

    package init(_ code: Code, _ message: String, location: DataLocation? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }
}
