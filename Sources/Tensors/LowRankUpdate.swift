/// A change of a weight by the product of two thin parameters, which are trained in its place.
package struct LowRankUpdate: Sendable {
    /// [r, in]
    package let a: Parameter
    /// [rows, r]
    package let b: Parameter
    /// The weight's rows that B's belong to, in B's order.
    package let rows: [Range<Int>]
    /// Factor of the product.
    package let scale: Float

    package init(a: Parameter, b: Parameter, rows: [Range<Int>], scale: Float) {
        self.a = a
        self.b = b
        self.rows = rows
        self.scale = scale
    }

    /// The parameters as they are, on the tape while they are trained.
    package var factors: LowRankFactors { LowRankFactors(a: a.tensor, b: b.tensor, rows: rows, scale: scale) }
}
