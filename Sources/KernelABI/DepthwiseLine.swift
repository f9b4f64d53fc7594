/// Arguments of one line of a depthwise 3 x 3 convolution with a padding of one pixel of zeros.
///
/// Shapes: W pixels of an input line, C channels, L = 1...3 lines of taps that lie inside the picture.
package struct DepthwiseLine {
    /// The first of L input lines, [L, W, C] with `linePitch` floats from one to the next.
    package var input: FloatInput
    package var linePitch: Int
    package var lines: Int
    package var width: Int
    package var channels: Int
    /// [L, 3, C]: the taps' weights, from the first line inside the picture on.
    package var weight: FloatInput
    /// [C], or nil.
    package var bias: FloatInput?
    /// The output line's first pixel, [ceil(W / stride), C].
    package var output: FloatOutput
    /// The output pixels that are computed.
    package var firstColumn: Int
    package var endColumn: Int
    /// 1 or 2
    package var stride: Int
    package var activation: Activation

    package init(
        input: FloatInput, linePitch: Int, lines: Int, width: Int, channels: Int, weight: FloatInput,
        bias: FloatInput?, output: FloatOutput, firstColumn: Int, endColumn: Int, stride: Int, activation: Activation
    ) {
        self.input = input
        self.linePitch = linePitch
        self.lines = lines
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
