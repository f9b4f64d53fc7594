internal import KernelABI
private import Runtime

/// A product of few rows, where to pack B would take as long as to multiply it.
///
/// Where the columns of B are contiguous (the transpose of a weight), dot products of rows. Where its rows are, B's
/// rows go straight into the register tile; A, which is small, is packed.
struct FewRows {
    let product: GEMMProduct

    private var kernels: GEMMKernels { product.kernels }

    /// Rows up to which dot products are faster: their lane sums cost as much as five steps of k, packing as much as
    /// some eight rows.
    static let dotRows = 24
    /// Panels of A up to which rows of B are read where they lie, as many times.
    static let panels = 2

    /// Whether one of the two ways is the better one.
    static func areFew(_ product: GEMMProduct) -> Bool {
        let kernels = product.kernels
        if product.k == 0 || product.a.format != .float32 { return false }
        if product.b.rowStride == 1 && product.a.columnStride == 1 {
            return product.m <= dotRows && product.k >= kernels.nr / 2
        }
        return product.b.format == .float32 && product.b.columnStride == 1 && product.m <= panels * kernels.mr
    }

    func multiply() {
        // Whole panels of columns, whatever the number of threads.
        let panelCount = (product.n + kernels.nr - 1) / kernels.nr
        let panelWork = product.m * product.k * kernels.nr
        let grain = min(panelCount, max(1, (GEMMProduct.serialWork + panelWork - 1) / panelWork))
        if product.b.rowStride == 1 && product.a.columnStride == 1 {
            Workers.forEachChunk(of: panelCount, grain: grain) { panels, _ in multiplyDots(panels) }
        } else {
            BufferPool.withBuffer(paddedRows * product.k) { packed in
                for steps in slices {
                    product.packA(rows: 0..<product.m, steps: steps, into: packed + paddedRows * steps.lowerBound)
                }
                nonisolated(unsafe) let packedA = UnsafePointer(packed)
                Workers.forEachChunk(of: panelCount, grain: grain) { panels, _ in multiplyRows(panels, packedA) }
            }
        }
    }

    /// Rows of A's panels, with those of the last one that are padding.
    private var paddedRows: Int { (product.m + kernels.mr - 1) / kernels.mr * kernels.mr }

    /// k in pieces of kc, as in the packed product: one chain over a long k loses accuracy.
    private var slices: [Range<Int>] {
        stride(from: 0, to: product.k, by: kernels.kc).map { $0..<min(product.k, $0 + kernels.kc) }
    }

    private func multiplyDots(_ panels: Range<Int>) {
        let columns = panels.lowerBound * kernels.nr..<min(product.n, panels.upperBound * kernels.nr)
        let b = product.b.from(column: columns.lowerBound)
        if b.format == .float32 { return multiplyDots(columns, b) }
        // A panel's columns at a time become Float, in the second-level cache.
        BufferPool.withBuffer(kernels.nr * product.k) { buffer in
            for first in stride(from: columns.lowerBound, to: columns.upperBound, by: kernels.nr) {
                let some = first..<min(columns.upperBound, first + kernels.nr)
                let b = product.b.from(column: first)
                multiplyDots(
                    some, b.widened(rows: product.k, columns: some.count, into: buffer, product.table.conversions))
            }
        }
    }

    /// The dot products of all rows with some columns, which begin with b's.
    private func multiplyDots(_ columns: Range<Int>, _ b: MatrixView) {
        kernels.dots(
            GEMMDots(
                m: product.m, n: columns.count, k: product.k, alpha: product.alpha, a: product.a.floats,
                lda: product.a.rowStride, b: b.floats, ldb: b.columnStride,
                target: product.target(row: 0, column: columns.lowerBound, isFirst: true, isLast: true)))
    }

    private func multiplyRows(_ panels: Range<Int>, _ packedA: UnsafePointer<Float>) {
        let nr = kernels.nr
        let first = panels.lowerBound * nr
        let end = min(product.n, panels.upperBound * nr)
        let whole = first + (end - first) / nr * nr
        for steps in slices {
            let b = product.b.from(row: steps.lowerBound, column: first)
            multiplyPanels(first..<whole, steps, packedA, b.floats, bStride: b.rowStride)
            if whole == end { continue }
            // The last panel is packed, since a whole register of it would reach beyond B.
            BufferPool.withBuffer(nr * steps.count) { packed in
                product.packB(columns: whole..<end, steps: steps, into: packed)
                multiplyPanels(whole..<end, steps, packedA, packed)
            }
        }
    }

    private func multiplyPanels(
        _ columns: Range<Int>, _ steps: Range<Int>, _ packedA: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        bStride: Int? = nil
    ) {
        kernels.block(
            GEMMBlock(
                m: product.m, n: columns.count, k: steps.count, a: packedA + paddedRows * steps.lowerBound, b: b,
                bStride: bStride,
                target: product.target(
                    row: 0, column: columns.lowerBound, isFirst: steps.lowerBound == 0,
                    isLast: steps.upperBound == product.k)))
    }
}
