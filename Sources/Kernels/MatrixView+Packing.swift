internal import KernelABI

extension MatrixView {
    /// Packs `rows` rows, `columns` steps long, into panels of `width` rows: ``GEMMKernels/packOperand``, for any format.
    ///
    /// Numbers of 16 bits become Float first, in a buffer: packing reads them from the first or second cache level.
    func packRows(
        _ rows: Int, columns: Int, width: Int, scale: Float, into panels: UnsafeMutablePointer<Float>,
        _ kernels: GEMMKernels, _ conversions: ConversionKernels
    ) {
        if format == .float32 {
            kernels.packOperand(floats, rowStride, columnStride, rows, columns, width, scale, panels)
        } else if rows > 0 && columns > 0 {
            BufferPool.withBuffer(rows * columns) { buffer in
                let copy = widened(rows: rows, columns: columns, into: buffer, conversions)
                kernels.packOperand(
                    copy.floats, copy.rowStride, copy.columnStride, rows, columns, width, scale, panels)
            }
        }
    }

    /// A compact copy in Float, its rows contiguous if these are.
    func widened(
        rows: Int, columns: Int, into buffer: UnsafeMutablePointer<Float>, _ conversions: ConversionKernels
    ) -> MatrixView {
        let kernel = format == .bfloat16 ? conversions.fromBFloat16 : conversions.fromFloat16
        let source = base.assumingMemoryBound(to: UInt16.self)
        let areRowsContiguous = columnStride == 1
        let (lines, length) = areRowsContiguous ? (rows, columns) : (columns, rows)
        let stride = areRowsContiguous ? rowStride : columnStride
        for line in 0..<lines { kernel(source + line * stride, buffer + line * length, length) }
        return areRowsContiguous
            ? MatrixView(buffer, rowStride: columns) : MatrixView(buffer, rowStride: 1, columnStride: rows)
    }
}
