package import KernelABI
private import Runtime

/// Multi-head softmax attention: where the operands lie, and the parallel loops over heads and queries.
///
/// Scores exist for one block of queries and one tile of keys at a time; backward computes them again.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct Attention: @unchecked Sendable {
    /// Where a head's rows lie: batch item b, token t, head h starts at `base + b batchStride + t tokenStride + h headSize`.
    package struct Operand {
        package var base: UnsafePointer<Float>
        package var batchStride: Int
        package var tokenStride: Int

        package init(_ base: UnsafePointer<Float>, batchStride: Int, tokenStride: Int) {
            self.base = base
            self.batchStride = batchStride
            self.tokenStride = tokenStride
        }
    }

    let batch: Int
    let heads: Int
    let sizes: AttentionSizes
    let query: Operand
    let key: Operand
    let value: Operand
    let tables: PositionTables
    let kernels: AttentionKernels
    let packPanels: @Sendable (FloatInput, Int, Int, Int, Int, Int, Float, FloatOutput) -> Void

    package init(
        batch: Int, heads: Int, sizes: AttentionSizes, query: Operand, key: Operand, value: Operand,
        tables: (height: UnsafePointer<Float>, width: UnsafePointer<Float>)?
    ) {
        precondition(
            batch >= 0 && heads >= 1 && sizes.headSize >= 1 && sizes.keys >= 1 && sizes.queries >= 0,
            "attention of \(batch) x \(heads) heads of \(sizes.headSize), \(sizes.queries) queries, \(sizes.keys) keys")
        precondition(
            (tables != nil) == sizes.hasGrid
                && (!sizes.hasGrid
                    || sizes.gridHeight * sizes.gridWidth == sizes.keys && sizes.keys == sizes.queries),
            "a grid of \(sizes.gridHeight) x \(sizes.gridWidth) for \(sizes.queries) queries and \(sizes.keys) keys")
        self.batch = batch
        self.heads = heads
        self.sizes = sizes
        self.query = query
        self.key = key
        self.value = value
        let table = Kernels.table
        kernels = table.attention
        self.tables = PositionTables(tables, sizes: sizes, table: table)
        packPanels = table.gemm.packPanels
    }

    /// Floats of the panels of one head's keys (lanes) by channels (steps).
    var keyPanelCount: Int { AttentionSizes.padded(sizes.keys, to: kernels.rows) * sizes.headSize }
    /// Floats of the panels of one head's channels (lanes) by keys (steps).
    var channelPanelCount: Int { AttentionSizes.padded(sizes.headSize, to: kernels.rows) * sizes.keys }

    /// Start of a head's rows of an operand.
    func start(_ operand: Operand, _ item: Int) -> UnsafePointer<Float> {
        operand.base + item / heads * operand.batchStride + item % heads * sizes.headSize
    }

    /// Packs one head's keys or values with the keys as lanes.
    func packByKey(_ operand: Operand, _ item: Int, into panels: UnsafeMutablePointer<Float>) {
        packPanels(
            start(operand, item), operand.tokenStride, 1, sizes.keys, sizes.headSize, kernels.rows, 1, panels)
    }

    /// Packs one head's keys or values with the channels as lanes.
    func packByChannel(_ operand: Operand, _ item: Int, into panels: UnsafeMutablePointer<Float>) {
        packPanels(
            start(operand, item), 1, operand.tokenStride, sizes.headSize, sizes.keys, kernels.rows, 1, panels)
    }
}
