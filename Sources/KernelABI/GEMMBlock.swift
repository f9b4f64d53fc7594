/// One block of a matrix product: packed A times B, packed or with its columns side by side.
package struct GEMMBlock {
    package var m: Int
    package var n: Int
    package var k: Int
    /// A's panels: ceil(m / mr) of k by mr.
    package var a: FloatInput
    /// B's panels: ceil(n / nr) of k steps of nr columns, the last one padded; or B's first element where it is not packed.
    package var b: FloatInput
    /// Elements from one row of B to the next where it is not packed, or nil.
    package var bStride: Int?
    package var target: GEMMTarget

    package init(
        m: Int, n: Int, k: Int, a: FloatInput, b: FloatInput, bStride: Int? = nil, target: GEMMTarget
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.a = a
        self.b = b
        self.bStride = bStride
        self.target = target
    }
}
