/// One block of a matrix product as dot products of rows: the product is alpha A Bᵀ, neither of them packed.
package struct GEMMDots {
    package var m: Int
    package var n: Int
    package var k: Int
    package var alpha: Float
    /// m rows of k floats.
    package var a: FloatInput
    /// Elements from one row of A to the next.
    package var lda: Int
    /// n rows of k floats: the columns of the product.
    package var b: FloatInput
    /// Elements from one row of B to the next.
    package var ldb: Int
    package var target: GEMMTarget

    package init(
        m: Int, n: Int, k: Int, alpha: Float, a: FloatInput, lda: Int, b: FloatInput, ldb: Int, target: GEMMTarget
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.alpha = alpha
        self.a = a
        self.lda = lda
        self.b = b
        self.ldb = ldb
        self.target = target
    }
}
