/// Kernels of bilinear interpolation: each product and sum is rounded as written, so that all levels give the same bits.
package struct ResizeKernels: Sendable {
    /// Across a line: `output[i, c] = source[first[i] + c] (1 - weight[i]) + source[second[i] + c] weight[i]`, for `count`
    /// pixels of C channels.
    package let spreadLine:
        @Sendable (
            _ source: FloatInput, _ first: UnsafePointer<Int32>, _ second: UnsafePointer<Int32>, _ weight: FloatInput,
            _ count: Int, _ channels: Int, _ output: FloatOutput
        ) -> Void
    /// Between two lines: `output[i] = upper[i] (1 - weight) + lower[i] weight`
    package let blendLines:
        @Sendable (
            _ upper: FloatInput, _ lower: FloatInput, _ weight: Float, _ count: Int, _ output: FloatOutput
        ) -> Void

    package init(
        spreadLine:
            @escaping @Sendable (
                FloatInput, UnsafePointer<Int32>, UnsafePointer<Int32>, FloatInput, Int, Int, FloatOutput
            ) -> Void,
        blendLines: @escaping @Sendable (FloatInput, FloatInput, Float, Int, FloatOutput) -> Void
    ) {
        self.spreadLine = spreadLine
        self.blendLines = blendLines
    }
}
