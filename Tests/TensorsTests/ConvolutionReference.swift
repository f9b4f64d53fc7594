import Tensors

/// A 3 x 3 convolution with one pixel of zero padding and its gradients, pixel by pixel and tap by tap in Double.
struct ConvolutionReference {
    /// B pictures of H x W, input and output channels.
    let batch: Int
    let height: Int
    let width: Int
    let inputs: Int
    let outputs: Int
    let stride: Int
    /// Whether each channel has weights of its own, [C, 1, 3, 3].
    let isDepthwise: Bool

    var input: [Int] { [batch, height, width, inputs] }
    var weight: [Int] { [outputs, isDepthwise ? 1 : inputs, 3, 3] }
    var output: [Int] { [batch, (height + stride - 1) / stride, (width + stride - 1) / stride, outputs] }

    /// Calls `body` with the element of the output, of the input and of the weight of each product.
    private func forEachProduct(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
        for picture in 0..<batch {
            for line in 0..<output[1] {
                for column in 0..<output[2] {
                    for tap in 0..<9 {
                        let (y, x) = (line * stride + tap / 3 - 1, column * stride + tap % 3 - 1)
                        if y < 0 || y >= height || x < 0 || x >= width { continue }
                        for channel in 0..<outputs {
                            let result = ((picture * output[1] + line) * output[2] + column) * outputs + channel
                            let pixel = ((picture * height + y) * width + x) * inputs
                            if isDepthwise {
                                body(result, pixel + channel, channel * 9 + tap)
                            } else {
                                for from in 0..<inputs {
                                    body(result, pixel + from, (channel * inputs + from) * 9 + tap)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The output, and the gradients of input, weight and bias for a gradient of the output.
    func run(_ input: Tensor, _ weight: Tensor, _ bias: Tensor, gradient: Tensor) -> [[Double]] {
        let (x, w, dy) = (
            input.values.map(Double.init), weight.values.map(Double.init), gradient.values.map(Double.init)
        )
        let b = bias.values.map(Double.init)
        var y = dy.indices.map { b[$0 % outputs] }
        var dx = [Double](repeating: 0, count: x.count)
        var dw = [Double](repeating: 0, count: w.count)
        var db = [Double](repeating: 0, count: outputs)
        forEachProduct { result, pixel, factor in
            y[result] += x[pixel] * w[factor]
            dx[pixel] += dy[result] * w[factor]
            dw[factor] += dy[result] * x[pixel]
        }
        for index in dy.indices { db[index % outputs] += dy[index] }
        return [y, dx, dw, db]
    }
}
