/// A matrix in memory: element (i, j) lies at `base[i * rowStride + j * columnStride]`.
package struct MatrixView {
    package var base: UnsafePointer<Float>
    package var rowStride: Int
    package var columnStride: Int

    package init(_ base: UnsafePointer<Float>, rowStride: Int, columnStride: Int = 1) {
        self.base = base
        self.rowStride = rowStride
        self.columnStride = columnStride
    }

    /// The same elements with rows and columns exchanged.
    package var transposed: MatrixView { MatrixView(base, rowStride: columnStride, columnStride: rowStride) }
}
