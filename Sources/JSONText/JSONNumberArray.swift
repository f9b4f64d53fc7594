/// An array of numbers, such as a polygon's coordinates.
package struct JSONNumberArray: Sendable, Hashable {
    package let values: [Double]
    /// Whether a number is written without point and exponent, such as `12`.
    package let hasPlainIntegers: Bool
    /// Whether a number with an integral value is written with point or exponent, such as `12.0`.
    package let hasDecimalIntegers: Bool
    /// Whether a number is not finite: beyond the range of a 64-bit float, or `NaN` where that is accepted.
    package let hasNonFinite: Bool
    /// The array's bytes.
    package let range: Range<Int>
}
