/// Kernels between rows of channels and a few filters of as many: what turns an upscaled picture into masks.
package struct FilterKernels: Sendable {
    /// `output[r] = sum over c of input[r, c] * filter[c]`
    package let rowDots:
        @Sendable (_ input: FloatInput, _ rows: Int, _ columns: Int, _ filter: FloatInput, _ output: FloatOutput) ->
            Void
    /// `output[r, c] = (or +=) factors[r] * filter[c]`
    package let outerProduct:
        @Sendable (
            _ factors: FloatInput, _ filter: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput,
            _ adds: Bool
        ) -> Void
    /// `output[c] += sum over r of factors[r] * input[r, c]`
    package let addWeightedRows:
        @Sendable (
            _ input: FloatInput, _ factors: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput
        ) -> Void

    package init(
        rowDots: @escaping @Sendable (FloatInput, Int, Int, FloatInput, FloatOutput) -> Void,
        outerProduct: @escaping @Sendable (FloatInput, FloatInput, Int, Int, FloatOutput, Bool) -> Void,
        addWeightedRows: @escaping @Sendable (FloatInput, FloatInput, Int, Int, FloatOutput) -> Void
    ) {
        self.rowDots = rowDots
        self.outerProduct = outerProduct
        self.addWeightedRows = addWeightedRows
    }
}
