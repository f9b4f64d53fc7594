internal import KernelABI

/// One product's operands, as its tasks see them.
///
/// `@unchecked`: tasks write disjoint tiles of C and read A and B, all of which outlive the call.
struct GEMMProduct: @unchecked Sendable {
    let m: Int
    let n: Int
    let k: Int
    let alpha: Float
    /// m by k
    let a: MatrixView
    /// k by n
    let b: MatrixView
    let target: GEMMTarget
    /// B packed before, by the same level of the kernels; or nil.
    let packed: PackedMatrix?
    let table: KernelTable

    var kernels: GEMMKernels { table.gemm }

    /// Multiply-adds below which a product is not worth a second thread: some 20 µs, where to wake one takes up to 10.
    static let serialWork = 1 << 20

    /// Where the block of C at `row`, `column` goes, for the part of k that `isFirst` and `isLast` describe: beta belongs
    /// to the first, the epilogue to the last.
    func target(row: Int, column: Int, isFirst: Bool, isLast: Bool) -> GEMMTarget {
        var part = target
        part.c += row * target.ldc + column
        if !isFirst { part.beta = 1 }
        if isLast {
            part.bias = target.bias.map { $0 + column }
            part.residual = target.residual.map { $0 + row * target.ldr + column }
        } else {
            part.bias = nil
            part.activation = .identity
            part.residual = nil
        }
        return part
    }

    /// Packs alpha A's rows and steps into panels of mr.
    func packA(rows: Range<Int>, steps: Range<Int>, into panels: UnsafeMutablePointer<Float>) {
        a.from(row: rows.lowerBound, column: steps.lowerBound).packRows(
            rows.count, columns: steps.count, width: kernels.mr, scale: alpha, into: panels, kernels, table.conversions)
    }

    /// Packs B's columns and steps into panels of nr.
    func packB(columns: Range<Int>, steps: Range<Int>, into panels: UnsafeMutablePointer<Float>) {
        b.from(row: steps.lowerBound, column: columns.lowerBound).transposed.packRows(
            columns.count, columns: steps.count, width: kernels.nr, scale: 1, into: panels, kernels, table.conversions)
    }
}
