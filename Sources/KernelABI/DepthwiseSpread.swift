/// Arguments of one line of the input's gradient of a depthwise 3 x 3 convolution of stride 2.
///
/// Shapes: W pixels of the input, V = ceil(W / 2) of the output, C channels, L = 1 or 2 lines of the output's gradient that
/// this line of the input flowed to.
package struct DepthwiseSpread {
    /// [L, V, C], one after the other.
    package var gradient: FloatInput
    package var lines: Int
    package var gradientWidth: Int
    package var channels: Int
    /// [3, C], the taps of the first line; those of the second lie `weightPitch` floats further.
    package var weight: FloatInput
    package var weightPitch: Int
    /// [W, C], written.
    package var output: FloatOutput
    package var width: Int

    package init(
        gradient: FloatInput, lines: Int, gradientWidth: Int, channels: Int, weight: FloatInput, weightPitch: Int,
        output: FloatOutput, width: Int
    ) {
        self.gradient = gradient
        self.lines = lines
        self.gradientWidth = gradientWidth
        self.channels = channels
        self.weight = weight
        self.weightPitch = weightPitch
        self.output = output
        self.width = width
    }
}
