/// Arguments of one line of a depthwise 3 x 3 convolution with a padding of one pixel of zeros.
///
/// Shapes: W pixels of an input line, C channels.
package struct DepthwiseLine {
    /// The three input lines under the taps, each [W, C]; zeros where the padding is.
    package var above: FloatInput
    package var middle: FloatInput
    package var below: FloatInput
    package var width: Int
    package var channels: Int
    /// [9, C], taps by lines and columns.
    package var weight: FloatInput
    /// [C]
    package var bias: FloatInput
    /// The output line's first pixel, [ceil(W / stride), C].
    package var output: FloatOutput
    /// The output pixels that are computed.
    package var firstColumn: Int
    package var endColumn: Int
    /// 1 or 2
    package var stride: Int
    package var activation: Activation

    package init(
        above: FloatInput, middle: FloatInput, below: FloatInput, width: Int, channels: Int, weight: FloatInput,
        bias: FloatInput, output: FloatOutput, firstColumn: Int, endColumn: Int, stride: Int, activation: Activation
    ) {
        self.above = above
        self.middle = middle
        self.below = below
        self.width = width
        self.channels = channels
        self.weight = weight
        self.bias = bias
        self.output = output
        self.firstColumn = firstColumn
        self.endColumn = endColumn
        self.stride = stride
        self.activation = activation
    }
}
