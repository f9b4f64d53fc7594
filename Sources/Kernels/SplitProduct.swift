internal import KernelABI
private import Runtime

/// A product with few elements and long sums, such as the gradient of a small weight: k is cut into chunks, the same ones
/// for any number of threads, whose products are added in order.
///
/// A chunk's operands are packed where they are used, in one second-level cache, and nobody waits for anybody.
struct SplitProduct {
    let product: GEMMProduct

    /// Elements of C, at most: the chunks' products, 256 KB each then, exist side by side until they are added.
    static let elements = 1 << 16
    /// Panels of columns up to which a chunk of B does, at most 384 KB.
    static let panels = 8
    /// Chunks from which it pays to add them.
    static let chunks = 3
    /// Numbers that one task adds.
    static let addedPerTask = 1 << 17

    /// Whether the product is one of these.
    static func fits(_ product: GEMMProduct) -> Bool {
        let kernels = product.kernels
        return product.m * product.n <= elements && product.n <= panels * kernels.nr && product.m <= panels * kernels.nr
            && product.k > (chunks - 1) * kernels.kc
    }

    private var kernels: GEMMKernels { product.kernels }
    private var chunks: Int { (product.k + kernels.kc - 1) / kernels.kc }
    /// Steps of a chunk: all chunks but the last are equal.
    private var depth: Int { (product.k + chunks - 1) / chunks }
    private var elements: Int { product.m * product.n }
    private var panelsA: Int { (product.m + kernels.mr - 1) / kernels.mr }
    private var panelsB: Int { (product.n + kernels.nr - 1) / kernels.nr }

    func multiply() {
        let isParallel = elements * product.k > GEMMProduct.serialWork
        let workers = isParallel ? min(Workers.count, chunks) : 1
        let sizeA = panelsA * kernels.mr * depth
        let size = sizeA + panelsB * kernels.nr * depth
        BufferPool.withBuffer(workers * size + chunks * elements) { buffer in
            nonisolated(unsafe) let buffer = buffer
            nonisolated(unsafe) let parts = buffer + workers * size
            Workers.forEachChunk(of: chunks, grain: isParallel ? 1 : chunks) { range, worker in
                let scratch = buffer + worker * size
                for chunk in range {
                    multiply(chunk, packedA: scratch, packedB: scratch + sizeA, into: parts + chunk * elements)
                }
            }
            add(parts)
        }
    }

    /// Writes one chunk's product.
    private func multiply(
        _ chunk: Int, packedA: UnsafeMutablePointer<Float>, packedB: UnsafeMutablePointer<Float>,
        into sums: UnsafeMutablePointer<Float>
    ) {
        let n = product.n
        let first = chunk * depth
        let steps = min(product.k, first + depth) - first
        product.packA(rows: 0..<product.m, steps: first..<first + steps, into: packedA)
        product.packB(columns: 0..<n, steps: first..<first + steps, into: packedB)
        kernels.block(
            GEMMBlock(
                m: product.m, n: n, k: steps, a: packedA, b: packedB,
                target: GEMMTarget(c: sums, ldc: n)))
    }

    /// C = activation(the sum of the chunks' products + beta C + bias) + residual.
    private func add(_ parts: UnsafeMutablePointer<Float>) {
        nonisolated(unsafe) let parts = parts
        nonisolated(unsafe) let target = product.target
        let n = product.n
        let grain = max(1, Self.addedPerTask / (n * chunks))
        let elementwise = product.table.elementwise
        Workers.forEachChunk(of: product.m, grain: grain) { rows, _ in
            let sums = parts + rows.lowerBound * n
            for chunk in 1..<chunks { elementwise.add(sums, sums + chunk * elements, sums, rows.count * n) }
            for row in 0..<rows.count {
                let c = target.c + (rows.lowerBound + row) * target.ldc
                elementwise.scaleAdd(1, sums + row * n, target.beta, c, n)
            }
            if target.bias == nil && target.residual == nil && target.activation == .identity { return }
            // A product of no steps does the rest.
            var rest = product.target(row: rows.lowerBound, column: 0, isFirst: false, isLast: true)
            rest.beta = 1
            kernels.block(
                GEMMBlock(m: rows.count, n: n, k: 0, a: sums, b: sums, target: rest))
        }
    }
}
