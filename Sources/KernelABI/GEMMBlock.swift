/// One block of a matrix product: packed A times B, packed or with its columns side by side.
package struct GEMMBlock {
    package var m: Int
    package var n: Int
    package var k: Int
    /// A's panels: ceil(m / mr) of k by mr.
    package var a: FloatInput
    /// B's panels: ceil(n / nr) of k steps of nr columns, the last one padded.
    package var b: FloatInput
    /// Elements from one step of a panel of B to the next: nr, or B's own row stride where it is not packed.
    package var bStep: Int
    /// Elements from one panel of B to the next: nr k, or nr where B is not packed.
    package var bPanel: Int
    package var target: GEMMTarget

    package init(
        m: Int, n: Int, k: Int, a: FloatInput, b: FloatInput, bStep: Int, bPanel: Int, target: GEMMTarget
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.a = a
        self.b = b
        self.bStep = bStep
        self.bPanel = bPanel
        self.target = target
    }
}
