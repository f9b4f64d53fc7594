/// Arguments of what one line of the output's gradient adds to the weight's gradient of a depthwise 3 x 3 convolution.
///
/// Shapes: W pixels of the input, C channels.
package struct DepthwiseSums {
    /// The three input lines under the taps, each [W, C]; zeros where the padding is.
    package var above: FloatInput
    package var middle: FloatInput
    package var below: FloatInput
    package var width: Int
    package var channels: Int
    /// The line's first pixel, [ceil(W / stride), C].
    package var gradient: FloatInput
    /// The output pixels that are summed.
    package var firstColumn: Int
    package var endColumn: Int
    /// 1 or 2
    package var stride: Int
    /// [10, C], added to: nine taps by lines and columns, then the sum of the gradient itself.
    package var sums: FloatOutput

    package init(
        above: FloatInput, middle: FloatInput, below: FloatInput, width: Int, channels: Int, gradient: FloatInput,
        firstColumn: Int, endColumn: Int, stride: Int, sums: FloatOutput
    ) {
        self.above = above
        self.middle = middle
        self.below = below
        self.width = width
        self.channels = channels
        self.gradient = gradient
        self.firstColumn = firstColumn
        self.endColumn = endColumn
        self.stride = stride
        self.sums = sums
    }
}
