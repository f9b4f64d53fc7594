internal import KernelABI
private import Runtime

/// The product on packed panels, after BLIS: B is packed for all threads; each task takes some panels of A, packs them into
/// its own second-level cache, `kc` columns at a time, and multiplies them with B's panels.
struct PackedProduct {
    let product: GEMMProduct

    /// Rows of A in one task, at most: 216 KB of a slice, a quarter of a second-level cache. Half as many cost 5 %.
    static let mc = 144
    /// Floats of B that are packed at a time: half of a third-level cache.
    static let packedLimit = 4 << 20
    /// Slices of k that are packed at a time.
    static let slicesPerBlock = 16
    /// Tasks that there should be, whatever the number of threads; with as many panels of rows, columns are not cut.
    static let tasks = 16

    private var depth: Int { min(max(1, product.k), Self.slicesPerBlock * product.kernels.kc) }
    private var width: Int { max(1, Self.packedLimit / depth / product.kernels.nr) * product.kernels.nr }
    /// Whether all of B is packed at once.
    var isOneBlock: Bool { product.k <= depth && product.n <= width }

    func multiply() {
        let (depth, width) = (depth, width)
        for column in stride(from: 0, to: product.n, by: width) {
            for step in stride(from: 0, to: max(1, product.k), by: depth) {
                let block = PackedBlock(
                    product: product, columns: column..<min(product.n, column + width),
                    steps: step..<min(product.k, step + depth))
                block.multiply()
            }
        }
    }
}
