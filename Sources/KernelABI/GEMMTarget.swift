/// Where a block of a matrix product goes: `c = activation(beta * c + product + bias) + residual`.
package struct GEMMTarget {
    /// The block's first element of C, row-major.
    package var c: FloatOutput
    /// Elements from one row of C to the next.
    package var ldc: Int
    /// Factor of what C holds already; with 0, C is written without being read.
    package var beta: Float
    /// One value a column, or nil.
    package var bias: FloatInput?
    package var activation: Activation
    /// As many rows and columns as the block, row-major, or nil.
    package var residual: FloatInput?
    /// Elements from one row of the residual to the next.
    package var ldr: Int

    package init(
        c: FloatOutput, ldc: Int, beta: Float = 0, bias: FloatInput? = nil, activation: Activation = .identity,
        residual: FloatInput? = nil, ldr: Int = 0
    ) {
        self.c = c
        self.ldc = ldc
        self.beta = beta
        self.bias = bias
        self.activation = activation
        self.residual = residual
        self.ldr = ldr
    }
}
