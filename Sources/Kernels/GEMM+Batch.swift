private import Runtime

extension GEMM {
    /// `count` products of one shape: item i reads A and B, and writes C (and reads the residual), at i times the batch
    /// strides; the bias is the same for all.
    package static func multiplyBatch(
        count: Int, m: Int, n: Int, k: Int, alpha: Float = 1, a: MatrixView, aBatchStride: Int, b: MatrixView,
        bBatchStride: Int, beta: Float = 0, c: UnsafeMutablePointer<Float>, ldc: Int, cBatchStride: Int,
        epilogue: Epilogue = Epilogue(), residualBatchStride: Int = 0
    ) {
        nonisolated(unsafe) let (a, b, c, epilogue) = (a, b, c, epilogue)
        let item: @Sendable (Int) -> Void = { index in
            var own = epilogue
            own.residual = epilogue.residual.map { $0 + index * residualBatchStride }
            multiply(
                m: m, n: n, k: k, alpha: alpha,
                a: a.advanced(by: index * aBatchStride),
                b: b.advanced(by: index * bBatchStride), beta: beta, c: c + index * cBatchStride, ldc: ldc,
                epilogue: own)
        }
        // Many small products: one task each. Few large ones: parallel inside.
        let table = Kernels.table
        if count >= 8 || m * n * k < GEMMProduct.serialWork {
            let grain = max(1, GEMMProduct.serialWork / 4 / max(1, m * n * k))
            Workers.forEachChunk(of: count, grain: grain) { items, _ in
                Kernels.with(table) { for index in items { item(index) } }
            }
        } else {
            for index in 0..<count { item(index) }
        }
    }
}
