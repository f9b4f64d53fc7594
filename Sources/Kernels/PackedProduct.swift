internal import KernelABI
private import Runtime

/// The product on packed panels, after BLIS: B is packed for all threads; each task takes `mc` rows of A, packs them into
/// its own second-level cache, `kc` columns at a time, and multiplies them with B's panels.
struct PackedProduct {
    let product: GEMMProduct
    let kernels: GEMMKernels

    /// Depth of a slice of k.
    static let kc = 256
    /// Row panels of A in one task.
    static let panelsPerTask = 8
    /// Floats of B that are packed at a time: half of a third-level cache.
    static let packedLimit = 4 << 20
    /// Slices of k that are packed at a time.
    static let slicesPerBlock = 16
    /// Tasks that there should be, whatever the number of threads; more panels of columns than that are not cut.
    static let tasks = 16

    func multiply() {
        let isParallel = product.m * product.n * max(1, product.k) > GEMMProduct.serialWork
        let depth = min(max(1, product.k), Self.slicesPerBlock * Self.kc)
        let width = max(1, Self.packedLimit / depth / kernels.nr) * kernels.nr
        for column in stride(from: 0, to: product.n, by: width) {
            for step in stride(from: 0, to: max(1, product.k), by: depth) {
                let block = PackedBlock(
                    call: self, columns: column..<min(product.n, column + width),
                    steps: step..<min(product.k, step + depth), isParallel: isParallel)
                block.multiply()
            }
        }
    }
}
