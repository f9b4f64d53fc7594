/// The matrix product's kernels: C = A B on packed panels, names as in BLIS.
package struct GEMMKernels: Sendable {
    /// Rows of the register tile.
    package let mr: Int
    /// Columns of the register tile.
    package let nr: Int

    /// Copies a matrix of `lanes` by `steps` into panels of `width` lanes:
    /// `panels[(l / width) * steps * width + s * width + l % width] = scale * source[l * laneStride + s * stepStride]`,
    /// zero where the last panel has no lane.
    ///
    /// The lanes are A's rows (`width` mr) or B's columns (`width` nr); the steps run along k.
    package let packPanels:
        @Sendable (
            _ source: FloatInput, _ laneStride: Int, _ stepStride: Int, _ lanes: Int, _ steps: Int, _ width: Int,
            _ scale: Float, _ panels: FloatOutput
        ) -> Void

    /// Multiplies packed panels: the two loops around the register tile.
    package let block: @Sendable (GEMMBlock) -> Void

    package init(
        mr: Int, nr: Int,
        packPanels:
            @escaping @Sendable (FloatInput, Int, Int, Int, Int, Int, Float, FloatOutput) -> Void,
        block: @escaping @Sendable (GEMMBlock) -> Void
    ) {
        self.mr = mr
        self.nr = nr
        self.packPanels = packPanels
        self.block = block
    }
}

/// One block of a matrix product: `c = activation(beta * c + a b + bias)`.
package struct GEMMBlock {
    /// A's panels: ceil(m / mr) of k by mr.
    package var a: FloatInput
    /// B's panels: ceil(n / nr) of k by nr.
    package var b: FloatInput
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

    package init(
        a: FloatInput, b: FloatInput, c: FloatOutput, ldc: Int, m: Int, n: Int, k: Int, beta: Float,
        bias: FloatInput?, activation: Activation
    ) {
        self.a = a
        self.b = b
        self.c = c
        self.ldc = ldc
        self.m = m
        self.n = n
        self.k = k
        self.beta = beta
        self.bias = bias
        self.activation = activation
    }
}
