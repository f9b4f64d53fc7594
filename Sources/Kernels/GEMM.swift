package import KernelABI
private import Runtime

/// The matrix product, after BLIS, with ways of its own for few rows and for few elements.
///
/// The sums over k of an element of C are cut at places that depend on the sizes alone: the number of threads and the cut
/// into tasks do not change a bit of it. Source: Van Zee and van de Geijn, "BLIS: a framework for rapidly
/// instantiating BLAS functionality", TOMS 41(3), 2015.
package enum GEMM {
    /// What happens to an element after its sum is complete.
    package struct Epilogue {
        /// One value a column of C, added to it, or nil.
        package var bias: UnsafePointer<Float>?
        package var activation: Activation
        /// m by n, added to C after the activation, not overlapping it, or nil.
        package var residual: UnsafePointer<Float>?
        /// Elements from one row of the residual to the next.
        package var ldr: Int

        package init(
            bias: UnsafePointer<Float>? = nil, activation: Activation = .identity,
            residual: UnsafePointer<Float>? = nil, ldr: Int = 0
        ) {
            self.bias = bias
            self.activation = activation
            self.residual = residual
            self.ldr = ldr
        }
    }

    /// Whether a product of `rows` contiguous rows with a transposed weight, [outputs, depth], goes by packed panels, with
    /// sums over k that are cut every `kc` steps: few rows and few elements have ways of their own, and other bits.
    static func isPacked(rows: Int, outputs: Int, depth: Int) -> Bool {
        // Only sizes and strides are looked at.
        let nowhere = UnsafeMutablePointer<Float>(bitPattern: 64).unsafelyUnwrapped
        let view = MatrixView(nowhere, rowStride: depth)
        let product = GEMMProduct(
            m: rows, n: outputs, k: depth, alpha: 1, a: view, b: view.transposed,
            target: GEMMTarget(c: nowhere, ldc: outputs), packed: nil, table: Kernels.table)
        return rows > 0 && outputs > 0 && depth > 0 && !FewRows.areFew(product) && !SplitProduct.fits(product)
    }

    /// `C = activation(alpha A B + beta C + bias) + residual`.
    ///
    /// - Parameters:
    ///   - m: rows of A and C.
    ///   - n: columns of B and C.
    ///   - k: columns of A, rows of B; with 0 the product is zero.
    ///   - alpha: factor of the product.
    ///   - a: m by k, of any format.
    ///   - b: k by n, of any format.
    ///   - beta: with 0, C is written without being read.
    ///   - c: m by n, row-major, overlapping neither A nor B.
    ///   - ldc: elements from one row of C to the next, at least n.
    ///   - epilogue: bias, activation and residual.
    ///   - packed: B packed before, or nil; the result has the same bits.
    package static func multiply(
        m: Int, n: Int, k: Int, alpha: Float = 1, a: MatrixView, b: MatrixView, beta: Float = 0,
        c: UnsafeMutablePointer<Float>, ldc: Int, epilogue: Epilogue = Epilogue(),
        packed: PackedMatrix? = nil
    ) {
        precondition(
            packed.map { $0.k == k && $0.n == n } ?? true, "a packed matrix of other sizes than \(k) by \(n)")
        precondition(
            m >= 0 && n >= 0 && k >= 0 && ldc >= n && (epilogue.residual == nil || epilogue.ldr >= n),
            "GEMM with m \(m), n \(n), k \(k), ldc \(ldc), ldr \(epilogue.ldr): none may be negative, ldc and ldr >= n")
        if m == 0 || n == 0 { return }
        let target = GEMMTarget(
            c: c, ldc: ldc, beta: beta, bias: epilogue.bias, activation: epilogue.activation,
            residual: epilogue.residual, ldr: epilogue.ldr)
        let table = Kernels.table
        let product = GEMMProduct(
            m: m, n: n, k: k, alpha: alpha, a: a, b: b, target: target,
            packed: packed.flatMap { $0.isOf(table) ? $0 : nil },
            table: table)
        if FewRows.areFew(product) {
            FewRows(product: product).multiply()
        } else if SplitProduct.fits(product) {
            SplitProduct(product: product).multiply()
        } else {
            PackedProduct(product: product).multiply()
        }
    }
}
