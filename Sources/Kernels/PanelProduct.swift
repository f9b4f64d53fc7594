internal import KernelABI

/// Matrix products on panels that the caller packs, on the calling thread: for loops that keep a tile of everything in
/// the second-level cache.
struct PanelProduct: Sendable {
    private let kernels: GEMMKernels

    init(_ kernels: GEMMKernels) { self.kernels = kernels }

    /// Floats of the panels of a left operand.
    func leftCount(rows: Int, depth: Int) -> Int { AttentionSizes.padded(rows, to: kernels.mr) * depth }

    /// Floats of the panels of a right operand.
    func rightCount(columns: Int, depth: Int) -> Int { AttentionSizes.padded(columns, to: kernels.nr) * depth }

    /// Packs `rows` by `depth` elements as a left operand.
    func packLeft(_ view: MatrixView, rows: Int, depth: Int, into panels: UnsafeMutablePointer<Float>) {
        kernels.packOperand(view.floats, view.rowStride, view.columnStride, rows, depth, kernels.mr, 1, panels)
    }

    /// Packs `depth` by `columns` elements as a right operand.
    func packRight(_ view: MatrixView, columns: Int, depth: Int, into panels: UnsafeMutablePointer<Float>) {
        kernels.packOperand(view.floats, view.columnStride, view.rowStride, columns, depth, kernels.nr, 1, panels)
    }

    /// `c = left right + beta c + bias`, c row-major with rows of `ldc` elements; with beta 0, c is not read.
    func multiply(
        left: UnsafePointer<Float>, right: UnsafePointer<Float>, m: Int, n: Int, k: Int, beta: Float = 0,
        bias: UnsafePointer<Float>? = nil, into c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        kernels.block(
            GEMMBlock(
                m: m, n: n, k: k, a: left, b: right,
                target: GEMMTarget(c: c, ldc: ldc, beta: beta, bias: bias)))
    }

    /// The same with a right operand whose rows lie `step` floats apart, not packed. Whole registers are read: of the last
    /// ones, floats beyond column `n` as well.
    func multiply(
        left: UnsafePointer<Float>, rows right: UnsafePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        beta: Float = 0, into c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        kernels.block(
            GEMMBlock(
                m: m, n: n, k: k, a: left, b: right, bStride: step,
                target: GEMMTarget(c: c, ldc: ldc, beta: beta)))
    }

    /// The same with a right operand that is read where it lies, if its columns fill whole registers, and packed otherwise.
    ///
    /// - Parameter panels: memory of ``rightCount(columns:depth:)`` floats.
    func multiply(
        left: UnsafePointer<Float>, rows right: MatrixView, panels: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int,
        beta: Float = 0, into c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        if right.columnStride == 1 && n % kernels.nr == 0 {
            multiply(
                left: left, rows: right.floats, step: right.rowStride, m: m, n: n, k: k, beta: beta, into: c, ldc: ldc)
        } else {
            packRight(right, columns: n, depth: k, into: panels)
            multiply(left: left, right: panels, m: m, n: n, k: k, beta: beta, into: c, ldc: ldc)
        }
    }

    /// Copies `rows` by `columns` elements row by row, rows of `width` floats with zeros at their end; the strides of `view`
    /// may be those of a transposed matrix.
    func lay(
        _ view: MatrixView, rows: Int, columns: Int, width: Int, into target: UnsafeMutablePointer<Float>
    ) {
        kernels.packPanels(view.floats, view.columnStride, view.rowStride, columns, rows, width, 1, target)
    }
}
