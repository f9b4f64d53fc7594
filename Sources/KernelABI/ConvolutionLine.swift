/// Arguments of one line of output pixels of a convolution, for one panel of its output channels:
/// `output[p, c] = activation(sum over runs and steps of source[p * pixelStride + offset + i] * panel[step, c] + bias[c])`.
package struct ConvolutionLine {
    /// The first output pixel's own place in the source. Every run must be readable for a whole number of tiles.
    package var source: FloatInput
    package var runs: UnsafePointer<ConvolutionRun>
    package var runCount: Int
    /// Floats from one output pixel's source to the next one's.
    package var pixelStride: Int
    /// [steps of all runs, `tileColumns`]
    package var panel: FloatInput
    package var pixels: Int
    /// Output channels in this panel, 1...`tileColumns`.
    package var columns: Int
    /// [columns], or nil.
    package var bias: FloatInput?
    package var activation: Activation
    package var output: FloatOutput
    /// Floats from one output pixel to the next.
    package var outputStride: Int
    /// `tilePixels * tileColumns` floats of scratch.
    package var sums: FloatOutput

    package init(
        source: FloatInput, runs: UnsafePointer<ConvolutionRun>, runCount: Int, pixelStride: Int, panel: FloatInput,
        pixels: Int, columns: Int, bias: FloatInput?, activation: Activation, output: FloatOutput, outputStride: Int,
        sums: FloatOutput
    ) {
        self.source = source
        self.runs = runs
        self.runCount = runCount
        self.pixelStride = pixelStride
        self.panel = panel
        self.pixels = pixels
        self.columns = columns
        self.bias = bias
        self.activation = activation
        self.output = output
        self.outputStride = outputStride
        self.sums = sums
    }
}
