/// A number of a JSON text.
package struct JSONNumber: Sendable, Hashable {
    /// The nearest 64-bit float; infinite when the text is beyond its range.
    package let value: Double
    /// The exact value, of a number without point and exponent that fits 64 bits.
    package let integer: Int64?
    /// Whether the text has neither point nor exponent.
    package let isIntegerText: Bool
    /// The number's bytes.
    package let range: Range<Int>

    /// The value as a 64-bit integer, where it is one: `3`, `3.0` and `3e0` alike.
    package var exactInteger: Int64? { integer ?? Int64(exactly: value) }

    /// Whether the value is integral and below 2⁵³, so that it could be written without a point.
    var hasIntegralValue: Bool { abs(value) < 0x1p53 && Double(Int64(value)) == value }
}
