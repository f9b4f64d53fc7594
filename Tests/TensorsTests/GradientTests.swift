import Kernels
import Runtime
import Tensors
import Testing

/// The gradient of every operation against finite differences, simplest operations first.
@Suite struct GradientTests {
    @Test func addition() {
        FiniteDifferences.check([[2, 3], [2, 3]]) { $0[0] + $0[1] }
        FiniteDifferences.check([[4, 2, 3], [3]]) { $0[0] + $0[1] }
        FiniteDifferences.check([[2, 3], [2, 3]]) { $0[0] - $0[1] }
        FiniteDifferences.check([[2, 3]]) { $0[0] + $0[0] }
    }

    @Test func multiplication() {
        FiniteDifferences.check([[2, 3], [2, 3]]) { $0[0] * $0[1] }
        FiniteDifferences.check([[5, 2, 3], [2, 3]]) { $0[0] * $0[1] }
        FiniteDifferences.check([[2, 3]]) { $0[0] * $0[0] }
        FiniteDifferences.check([[7]]) { $0[0].scaled(by: -2.5) }
    }

    @Test func activations() {
        FiniteDifferences.check([[37]], range: 0.1..<2) { $0[0].relu() }
        FiniteDifferences.check([[37]], range: -2 ..< -0.1) { $0[0].relu() }
        FiniteDifferences.check([[37]], range: -4..<4) { $0[0].gelu() }
        FiniteDifferences.check([[37]], range: -4..<4) { $0[0].sigmoid() }
        FiniteDifferences.check([[9]], range: -4..<4) { $0[0].sin() }
        FiniteDifferences.check([[9]], range: -4..<4) { $0[0].cos() }
    }

    @Test func reductions() {
        FiniteDifferences.check([[3, 5]]) { $0[0].sum() }
        FiniteDifferences.check([[3, 5]]) { $0[0].mean() }
        FiniteDifferences.check([[3, 21]], range: -3..<3) { $0[0].softmax() }
    }

    @Test func shapes() {
        FiniteDifferences.check([[2, 6]]) { $0[0].reshaped([3, 4]) * $0[0].reshaped([3, 4]) }
        FiniteDifferences.check([[2, 3, 4, 2]]) { $0[0].permuted([2, 0, 3, 1]) }
        FiniteDifferences.check([[2, 3, 4, 2]]) { $0[0].permuted([1, 0, 2, 3]) }
        FiniteDifferences.check([[3, 5, 2]]) { $0[0].sliced(axis: 1, range: 1..<4) }
        FiniteDifferences.check([[3, 6]]) { $0[0].sliced(axis: 1, range: 0..<3) * $0[0].sliced(axis: 1, range: 2..<5) }
        FiniteDifferences.check([[2, 1, 3], [2, 4, 3]]) { Tensor.concatenated($0, axis: 1) }
        FiniteDifferences.check([[2, 3]]) { $0[0].repeatedLeading(5) }
    }

    @Test func products() {
        FiniteDifferences.check([[2, 3, 5], [4, 5], [4]]) { $0[0].linear(weight: $0[1], bias: $0[2]) }
        FiniteDifferences.check([[3, 5], [4, 5]]) { $0[0].linear(weight: $0[1], bias: nil) }
        FiniteDifferences.check([[2, 3, 5], [2, 5, 4]]) { $0[0].matmul($0[1]) }
        FiniteDifferences.check([[2, 3, 5], [2, 4, 5]]) { $0[0].matmul($0[1], transposeB: true) }
        FiniteDifferences.check([[2, 3, 5], [5, 4]]) { $0[0].matmul($0[1]) }
        FiniteDifferences.check([[2, 3, 5], [4, 5]]) { $0[0].matmul($0[1], transposeB: true) }
    }

    @Test(arguments: [1, 7, 16, 33]) func layerNorm(channels: Int) {
        FiniteDifferences.check([[5, max(2, channels)], [max(2, channels)], [max(2, channels)]], step: 0.02) {
            $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-2)
        }
    }

    @Test func pictures() {
        FiniteDifferences.check([[2, 4, 6, 3]]) { $0[0].patchify(2) }
        FiniteDifferences.check([[1, 3, 2, 8]]) { $0[0].pixelShuffled2x() }
    }

    @Test func convolutions() {
        FiniteDifferences.check([[2, 3, 4, 2], [3, 2, 3, 3], [3]]) { $0[0].convolution3x3(weight: $0[1], bias: $0[2]) }
        FiniteDifferences.check([[2, 3, 2, 3], [3, 2, 2, 2], [2]]) {
            $0[0].transposedConvolution2x2(weight: $0[1], bias: $0[2])
        }
        FiniteDifferences.check([[1, 4, 4, 3], [5, 3, 2, 2], [5]]) {
            $0[0].patchConvolution(weight: $0[1], bias: $0[2])
        }
        FiniteDifferences.check([[1, 2, 2, 3], [4, 3, 1, 1]]) { $0[0].patchConvolution(weight: $0[1], bias: nil) }
    }

    @Test func attention() {
        FiniteDifferences.check([[2, 5, 6], [2, 7, 6], [2, 7, 6]]) {
            Tensor.attention(query: $0[0], key: $0[1], value: $0[2], heads: 2)
        }
        FiniteDifferences.check([[2, 6, 12]]) { Tensor.selfAttention(qkv: $0[0], heads: 2) }
        FiniteDifferences.check([[2, 6, 24], [3, 4], [5, 4]]) {
            Tensor.selfAttention(
                qkv: $0[0], heads: 2,
                relativePosition: RelativePosition(height: $0[1], width: $0[2], grid: (height: 2, width: 3)))
        }
    }
}
