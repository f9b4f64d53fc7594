/// Kernels of 3 x 3 convolutions on pictures with channels last, a line at a time.
package struct ConvolutionKernels: Sendable {
    /// Output pixels in a register tile of `line`.
    package let tilePixels: Int
    /// Output channels in a register tile of `line`.
    package let tileColumns: Int
    /// A line of a convolution over all input channels.
    package let line: @Sendable (ConvolutionLine) -> Void
    /// A line of a convolution of each channel with its own nine weights.
    package let depthwiseLine: @Sendable (DepthwiseLine) -> Void
    /// A line of the input's gradient of the same at stride 2; at stride 1 it is `depthwiseLine` with the taps reversed.
    package let depthwiseSpread: @Sendable (DepthwiseSpread) -> Void
    /// A line's part in the gradient of the nine weights.
    package let depthwiseSums: @Sendable (DepthwiseSums) -> Void

    package init(
        tilePixels: Int, tileColumns: Int, line: @escaping @Sendable (ConvolutionLine) -> Void,
        depthwiseLine: @escaping @Sendable (DepthwiseLine) -> Void,
        depthwiseSpread: @escaping @Sendable (DepthwiseSpread) -> Void,
        depthwiseSums: @escaping @Sendable (DepthwiseSums) -> Void
    ) {
        self.tilePixels = tilePixels
        self.tileColumns = tileColumns
        self.line = line
        self.depthwiseLine = depthwiseLine
        self.depthwiseSpread = depthwiseSpread
        self.depthwiseSums = depthwiseSums
    }
}
