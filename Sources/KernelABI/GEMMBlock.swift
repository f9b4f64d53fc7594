/// One block of a matrix product: `c = activation(beta * c + a b + bias) + residual`.
package struct GEMMBlock {
    /// A's panels: ceil(m / mr) of k by mr.
    package var a: FloatInput
    /// B's panels: ceil(n / nr) of k steps of nr columns, the last one padded.
    package var b: FloatInput
    /// Elements from one step of a panel of B to the next: nr, or B's own row stride where it is not packed.
    package var bStep: Int
    /// Elements from one panel of B to the next: nr k, or nr where B is not packed.
    package var bPanel: Int
    /// The block's first element of C, row-major.
    package var c: FloatOutput
    /// Elements from one row of C to the next.
    package var ldc: Int
    package var m: Int
    package var n: Int
    package var k: Int
    /// Factor of what C holds already; with 0, C is written without being read.
    package var beta: Float
    /// One value a column, or nil.
    package var bias: FloatInput?
    package var activation: Activation
    /// m by n, row-major, or nil.
    package var residual: FloatInput?
    /// Elements from one row of the residual to the next.
    package var ldr: Int

    package init(
        a: FloatInput, b: FloatInput, bStep: Int, bPanel: Int, c: FloatOutput, ldc: Int, m: Int, n: Int, k: Int,
        beta: Float, bias: FloatInput?, activation: Activation, residual: FloatInput?, ldr: Int
    ) {
        self.a = a
        self.b = b
        self.bStep = bStep
        self.bPanel = bPanel
        self.c = c
        self.ldc = ldc
        self.m = m
        self.n = n
        self.k = k
        self.beta = beta
        self.bias = bias
        self.activation = activation
        self.residual = residual
        self.ldr = ldr
    }
}
