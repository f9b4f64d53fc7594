/// Two thin matrices whose product changes rows of a matrix: `W[rows] += scale B A`.
///
/// Shapes: r rank, I inputs of the matrix. Source: Hu et al., "LoRA", ICLR 2022.
package struct LowRankFactors: Sendable {
    /// [r, I]
    package let a: Tensor
    /// [R, r], R the number of `rows`.
    package let b: Tensor
    /// The rows of the matrix that B's rows belong to, in B's order: all of them, or some of a matrix that holds several.
    package let rows: [Range<Int>]
    package let scale: Float

    package init(a: Tensor, b: Tensor, rows: [Range<Int>], scale: Float) {
        precondition(
            a.rank == 2 && b.rank == 2 && a.shape[0] == b.shape[1] && rows.reduce(0) { $0 + $1.count } == b.shape[0],
            "A of shape \(a.shape) and B of shape \(b.shape) for rows \(rows)")
        self.a = a
        self.b = b
        self.rows = rows
        self.scale = scale
    }

    var rank: Int { a.shape[0] }

    /// Whether a matrix has the rows, and the inputs.
    func fits(_ shape: [Int]) -> Bool {
        shape.count == 2 && shape[1] == a.shape[1] && rows.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= shape[0] }
    }

    /// Calls `body` with each range of the matrix's rows and the first of B's rows that belong to it.
    func forEachRange(_ body: (_ rows: Range<Int>, _ offset: Int) -> Void) {
        var offset = 0
        for range in rows {
            body(range, offset)
            offset += range.count
        }
    }
}
