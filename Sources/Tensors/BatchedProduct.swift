private import Kernels

/// The sizes of a matrix product over the last two axes of two tensors, and its three products: forward, and the
/// gradients of either side.
struct BatchedProduct {
    let batch: Int
    let m: Int
    let n: Int
    let k: Int
    private let isRightTransposed: Bool
    private let isRightShared: Bool

    init(left: Tensor, right: Tensor, isRightTransposed: Bool) {
        let leftAxes = left.shape.dropLast(2)
        let rightAxes = right.shape.dropLast(2)
        isRightShared = rightAxes.isEmpty
        // A shared right side makes one product of all the rows.
        batch = isRightShared ? 1 : leftAxes.reduce(1, *)
        m = isRightShared ? left.rowCount : left.shape[left.rank - 2]
        k = left.lastSize
        let (rows, columns) = (right.shape[right.rank - 2], right.lastSize)
        n = isRightTransposed ? rows : columns
        precondition(
            (isRightShared || leftAxes == rightAxes) && k == (isRightTransposed ? columns : rows),
            "matmul: \(left.shape) and \(right.shape)\(isRightTransposed ? ", transposed," : "") do not fit")
        self.isRightTransposed = isRightTransposed
    }

    private func rightView(_ base: UnsafePointer<Float>) -> MatrixView {
        isRightTransposed
            ? MatrixView(base, rowStride: 1, columnStride: k) : MatrixView(base, rowStride: n, columnStride: 1)
    }

    /// C = A B
    func forward(left: Tensor, right: Tensor, into output: UnsafeMutablePointer<Float>) {
        GEMM.multiplyBatch(
            count: batch, m: m, n: n, k: k, a: MatrixView(left.base, rowStride: k), aBatchStride: m * k,
            b: rightView(right.base), bBatchStride: k * n, c: output, ldc: n, cBatchStride: m * n)
    }

    /// dA = dC Bᵀ
    func leftGradient(_ gradient: Tensor, right: Tensor, into target: UnsafeMutablePointer<Float>, keep: Float) {
        GEMM.multiplyBatch(
            count: batch, m: m, n: k, k: n, a: MatrixView(gradient.base, rowStride: n), aBatchStride: m * n,
            b: rightView(right.base).transposed, bBatchStride: k * n, beta: keep, c: target, ldc: k,
            cBatchStride: m * k)
    }

    /// dB = Aᵀ dC, or its transpose dCᵀ A where B came transposed.
    func rightGradient(_ gradient: Tensor, left: Tensor, into target: UnsafeMutablePointer<Float>, keep: Float) {
        let upper = MatrixView(gradient.base, rowStride: n)
        let lower = MatrixView(left.base, rowStride: k)
        if isRightTransposed {
            GEMM.multiplyBatch(
                count: batch, m: n, n: k, k: m, a: upper.transposed, aBatchStride: m * n, b: lower,
                bBatchStride: m * k, beta: keep, c: target, ldc: k, cBatchStride: k * n)
        } else {
            GEMM.multiplyBatch(
                count: batch, m: k, n: n, k: m, a: lower.transposed, aBatchStride: m * k, b: upper,
                bBatchStride: m * n, beta: keep, c: target, ldc: n, cBatchStride: k * n)
        }
    }
}
