/// A matrix in memory: element (i, j) is number `i * rowStride + j * columnStride` from its base.
package struct MatrixView {
    /// The address of element (0, 0).
    package var base: UnsafeRawPointer
    package var format: ElementFormat
    package var rowStride: Int
    package var columnStride: Int

    package init(_ base: UnsafePointer<Float>, rowStride: Int, columnStride: Int = 1) {
        self.init(base: UnsafeRawPointer(base), format: .float32, rowStride: rowStride, columnStride: columnStride)
    }

    /// A matrix of 16-bit numbers, whose rows or columns are contiguous.
    package init(_ base: UnsafePointer<UInt16>, format: ElementFormat, rowStride: Int, columnStride: Int = 1) {
        precondition(
            format.size == 2 && (rowStride == 1 || columnStride == 1),
            "a matrix of 16-bit numbers, \(format), strides \(rowStride) and \(columnStride): one of them must be 1")
        self.init(base: UnsafeRawPointer(base), format: format, rowStride: rowStride, columnStride: columnStride)
    }

    private init(base: UnsafeRawPointer, format: ElementFormat, rowStride: Int, columnStride: Int) {
        self.base = base
        self.format = format
        self.rowStride = rowStride
        self.columnStride = columnStride
    }

    /// The same elements with rows and columns exchanged.
    package var transposed: MatrixView {
        MatrixView(base: base, format: format, rowStride: columnStride, columnStride: rowStride)
    }

    /// The matrix that begins `count` numbers further on.
    package func advanced(by count: Int) -> MatrixView {
        MatrixView(base: base + count * format.size, format: format, rowStride: rowStride, columnStride: columnStride)
    }

    /// The matrix without the rows above `row` and the columns before `column`.
    func from(row: Int = 0, column: Int = 0) -> MatrixView { advanced(by: row * rowStride + column * columnStride) }

    /// The numbers themselves; only of a matrix of Float.
    var floats: UnsafePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
