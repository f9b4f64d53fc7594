internal import KernelABI
private import Runtime

/// A product of few rows, where to pack B would take as long as to multiply it.
///
/// Where the columns of B are contiguous (the transpose of a weight), dot products of rows. Where its rows are, B's
/// rows go straight into the register tile; A, which is small, is packed.
struct FewRows {
    let product: GEMMProduct
    let kernels: GEMMKernels

    /// Rows up to which dot products are faster: their lane sums cost as much as five steps of k, packing as much as
    /// some eight rows.
    static let dotRows = 24
    /// Panels of A up to which rows of B are read where they lie, as many times.
    static let panels = 2

    /// Whether one of the two ways is the better one.
    static func areFew(_ product: GEMMProduct, _ kernels: GEMMKernels) -> Bool {
        if product.k == 0 { return false }
        if product.b.rowStride == 1 && product.a.columnStride == 1 {
            return product.m <= dotRows && product.k >= kernels.nr / 2
        }
        return product.b.columnStride == 1 && product.m <= panels * kernels.mr
    }

    func multiply() {
        // Whole panels of columns, whatever the number of threads.
        let panelCount = (product.n + kernels.nr - 1) / kernels.nr
        let panelWork = product.m * product.k * kernels.nr
        let grain = min(panelCount, max(1, (GEMMProduct.serialWork + panelWork - 1) / panelWork))
        if product.b.rowStride == 1 && product.a.columnStride == 1 {
            Workers.forEachChunk(of: panelCount, grain: grain) { panels, _ in multiplyDots(panels) }
        } else {
            let size = (product.m + kernels.mr - 1) / kernels.mr * kernels.mr * product.k
            BufferPool.withBuffer(size) { packed in
                kernels.packPanels(
                    product.a.base, product.a.rowStride, product.a.columnStride, product.m, product.k, kernels.mr,
                    product.alpha, packed)
                nonisolated(unsafe) let packedA = UnsafePointer(packed)
                Workers.forEachChunk(of: panelCount, grain: grain) { panels, _ in multiplyRows(panels, packedA) }
            }
        }
    }

    private func multiplyDots(_ panels: Range<Int>) {
        let first = panels.lowerBound * kernels.nr
        kernels.dots(
            GEMMDots(
                m: product.m, n: min(product.n, panels.upperBound * kernels.nr) - first, k: product.k,
                alpha: product.alpha, a: product.a.base, lda: product.a.rowStride,
                b: product.b.base + first * product.b.columnStride, ldb: product.b.columnStride,
                target: product.target(row: 0, column: first, isFirst: true, isLast: true)))
    }

    private func multiplyRows(_ panels: Range<Int>, _ packedA: UnsafePointer<Float>) {
        let nr = kernels.nr
        let first = panels.lowerBound * nr
        let whole = min(product.n / nr, panels.upperBound) * nr - first
        if whole > 0 {
            kernels.block(
                GEMMBlock(
                    m: product.m, n: whole, k: product.k, a: packedA, b: product.b.base + first,
                    bStep: product.b.rowStride, bPanel: nr,
                    target: product.target(row: 0, column: first, isFirst: true, isLast: true)))
        }
        let last = first + max(0, whole)
        let rest = min(product.n, panels.upperBound * nr) - last
        if rest > 0 {
            // The last panel is packed, since a whole register of it would reach beyond B.
            BufferPool.withBuffer(nr * product.k) { packed in
                kernels.packPanels(product.b.base + last, 1, product.b.rowStride, rest, product.k, nr, 1, packed)
                kernels.block(
                    GEMMBlock(
                        m: product.m, n: rest, k: product.k, a: packedA, b: packed, bStep: nr, bPanel: nr * product.k,
                        target: product.target(row: 0, column: last, isFirst: true, isLast: true)))
            }
        }
    }
}
