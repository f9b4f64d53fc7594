/// The matrix product's kernels: C = A B on packed panels, names as in BLIS.
package struct GEMMKernels: Sendable {
    /// What the numbers of packed panels are; sums are always Float.
    package enum Operands: Sendable, Hashable {
        case float32
        case bfloat16
    }

    package let operands: Operands
    /// Rows of the register tile.
    package let mr: Int
    /// Columns of the register tile.
    package let nr: Int
    /// Depth of the panels that the register tile likes best.
    package let kc: Int

    /// Copies a matrix of `lanes` by `steps`, as Float, into panels of `width` lanes:
    /// `panels[(l / width) * steps * width + s * width + l % width] = scale * source[l * laneStride + s * stepStride]`,
    /// zero where the last panel has no lane.
    ///
    /// The lanes are A's rows (`width` mr) or B's columns (`width` nr); the steps run along k.
    package let packPanels:
        @Sendable (
            _ source: FloatInput, _ laneStride: Int, _ stepStride: Int, _ lanes: Int, _ steps: Int, _ width: Int,
            _ scale: Float, _ panels: FloatOutput
        ) -> Void

    /// Packs an operand of ``block``: ``packPanels`` for operands that are Float. Others are rounded, and each panel takes
    /// the first part of the room that it has there; what is in it is known to the kernels alone.
    package let packOperand:
        @Sendable (
            _ source: FloatInput, _ laneStride: Int, _ stepStride: Int, _ lanes: Int, _ steps: Int, _ width: Int,
            _ scale: Float, _ panels: FloatOutput
        ) -> Void

    /// Multiplies packed panels: the two loops around the register tile.
    package let block: @Sendable (GEMMBlock) -> Void

    /// Multiplies few rows with the rows of a weight: no packing, the lanes run along k.
    package let dots: @Sendable (GEMMDots) -> Void

    package init(
        operands: Operands = .float32, mr: Int, nr: Int, kc: Int,
        packPanels: @escaping @Sendable (FloatInput, Int, Int, Int, Int, Int, Float, FloatOutput) -> Void,
        packOperand: @escaping @Sendable (FloatInput, Int, Int, Int, Int, Int, Float, FloatOutput) -> Void,
        block: @escaping @Sendable (GEMMBlock) -> Void, dots: @escaping @Sendable (GEMMDots) -> Void
    ) {
        self.operands = operands
        self.mr = mr
        self.nr = nr
        self.kc = kc
        self.packPanels = packPanels
        self.packOperand = packOperand
        self.block = block
        self.dots = dots
    }
}
