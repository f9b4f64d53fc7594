package import KernelABI
private import Runtime

/// A convolution of size 3 of each channel with its own weights, with one pixel of zero padding and a stride of 1 or 2.
///
/// Shapes: B pictures, H W their size, C channels, H' = ceil(H / stride), W' likewise.
package struct DepthwiseConvolution3x3: Sendable {
    /// Floats of an input line that are treated before the next line: three lines of a strip and the output's stay in the
    /// second-level cache, and each input element is fetched from memory once.
    static let stripFloats = 1 << 14
    /// Output lines in one task: two input lines are fetched again at a task's start.
    static let linesPerTask = 16
    /// Pixels whose weight sums stay in registers before they are added to those in memory.
    static let columnsPerSum = 32

    let batch: Int
    let height: Int
    let width: Int
    let channels: Int
    let stride: Int
    let table: KernelTable

    /// - Parameter stride: 1 or 2.
    package init(batch: Int, height: Int, width: Int, channels: Int, stride: Int) {
        precondition(
            batch >= 0 && height >= 1 && width >= 1 && channels >= 1 && (1...2).contains(stride),
            "depthwise convolution of [\(batch), \(height), \(width), \(channels)] with stride \(stride)")
        self.batch = batch
        self.height = height
        self.width = width
        self.channels = channels
        self.stride = stride
        table = Kernels.table
    }

    /// H'
    package var outputHeight: Int { (height + stride - 1) / stride }
    /// W'
    package var outputWidth: Int { (width + stride - 1) / stride }

    var inputLine: Int { width * channels }
    var outputLine: Int { outputWidth * channels }

    /// `output = activation(input * weight + bias)`.
    ///
    /// - Parameters:
    ///   - input: [B, H, W, C].
    ///   - weight: [9, C], taps by lines and columns.
    ///   - bias: [C], or nil.
    ///   - output: [B, H', W', C].
    package func forward(
        input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        activation: Activation, output: UnsafeMutablePointer<Float>
    ) {
        let lines = outputHeight
        let columnsPerStrip = max(4, Self.stripFloats / (channels * stride) / 4 * 4)
        let kernel = table.convolutions.depthwiseLine
        BufferPool.withBuffer(inputLine) { memory in
            // A line of the padding; its first channels are what is not there of a bias.
            memory.initialize(repeating: 0, count: inputLine)
            nonisolated(unsafe) let (input, weight, output, zeros) = (input, weight, output, UnsafePointer(memory))
            nonisolated(unsafe) let bias = bias ?? zeros
            Workers.forEachChunk(of: batch * lines, grain: Self.linesPerTask) { items, _ in
                for strip in Swift.stride(from: 0, to: outputWidth, by: columnsPerStrip) {
                    for item in items {
                        let (picture, middle) = (item / lines, item % lines * stride)
                        let source = input + (picture * height + middle) * inputLine
                        kernel(
                            DepthwiseLine(
                                above: middle == 0 ? zeros : source - inputLine, middle: source,
                                below: middle + 1 == height ? zeros : source + inputLine, width: width,
                                channels: channels, weight: weight, bias: bias, output: output + item * outputLine,
                                firstColumn: strip, endColumn: min(outputWidth, strip + columnsPerStrip),
                                stride: stride, activation: activation))
                    }
                }
            }
        }
    }
}
