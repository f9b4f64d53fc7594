import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// What runs tile by tile for prediction, against the same operations one by one: the same bits.
@Suite struct TiledInferenceTests {
    /// A block of a linear layer, a depthwise convolution and a linear layer.
    struct Block: Sendable, CustomTestStringConvertible {
        let picture: [Int]
        let hidden: Int
        let outputs: Int
        let stride: Int
        let isResidual: Bool

        init(_ picture: [Int], _ hidden: Int, to outputs: Int? = nil, stride: Int = 1) {
            self.picture = picture
            self.hidden = hidden
            self.outputs = outputs ?? picture[3]
            self.stride = stride
            isResidual = outputs == nil
        }

        var testDescription: String {
            "\(picture) by \(hidden) to \(outputs), stride \(stride)\(isResidual ? ", residual" : "")"
        }

        var inputs: [Tensor] {
            MaskDecoderOperationTests.inputs([
                picture, [hidden, picture[3], 1, 1], [hidden], [hidden, 1, 3, 3], [hidden],
                [outputs, hidden, 1, 1], [outputs],
            ])
        }

        func fused(_ inputs: [Tensor]) -> Tensor? {
            inputs[0].separableConvolution(
                expand: WeightAndBias(weight: inputs[1], bias: inputs[2]),
                spread: WeightAndBias(weight: inputs[3], bias: inputs[4]),
                project: WeightAndBias(weight: inputs[5], bias: inputs[6]), stride: stride, isResidual: isResidual)
        }

        func plain(_ inputs: [Tensor]) -> Tensor {
            let expanded = inputs[0].linear(weight: inputs[1].reshaped([hidden, picture[3]]), bias: inputs[2]).gelu()
            let spread = expanded.depthwiseConvolution3x3(weight: inputs[3], bias: inputs[4], stride: stride).gelu()
            let result = spread.linear(weight: inputs[5].reshaped([outputs, hidden]), bias: inputs[6])
            return isResidual ? (result + inputs[0]).gelu() : result
        }
    }

    /// Several strips, of which the last is narrower; lines that do not fill a task; odd sizes at stride 2; a picture of one
    /// line and of one column; a hidden width beyond one slice of the sums, and below a register.
    static let blocks = [
        Block([1, 12, 12, 8], 32), Block([2, 9, 70, 16], 300), Block([1, 37, 11, 24], 96),
        Block([1, 1, 40, 8], 16), Block([1, 40, 1, 8], 16), Block([1, 30, 5, 3], 3),
        Block([1, 16, 18, 8], 20, to: 20, stride: 2), Block([2, 17, 31, 12], 600, to: 24, stride: 2),
        Block([1, 64, 40, 16], 48, to: 40, stride: 2), Block([1, 13, 14, 32], 40, to: 64),
    ]

    @Test(arguments: blocks) func blocksHaveTheBitsOfTheirOperations(_ block: Block) throws {
        let inputs = block.inputs
        for table in Kernels.available {
            try Kernels.with(table) {
                let expected = block.plain(inputs)
                let found = try #require(block.fused(inputs), "\(table.level) has another way")
                #expect(found.shape == expected.shape)
                #expect(found.values == expected.values, "\(table.level)")
            }
        }
    }

    @Test(arguments: blocks) func blocksDoNotDependOnWorkers(_ block: Block) {
        let inputs = block.inputs
        let results = atEveryWorkerCount { block.fused(inputs)?.values }
        #expect(results.allSatisfy { $0 != nil && $0 == results[0] })
    }

    /// Of a few pixels, and of a few pixels after the stride, other bits would come out.
    @Test func fewPixelsGoTheOtherWay() {
        for block in [Block([1, 4, 5, 8], 64), Block([1, 8, 8, 8], 64, to: 64, stride: 2)] {
            for table in Kernels.available {
                Kernels.with(table) { #expect(block.fused(block.inputs) == nil) }
            }
        }
    }

    /// Tokens, channels, hidden.
    static let perceptrons = [[200, 16, 64], [97, 40, 900], [5000, 33, 70], [300, 400, 1000], [96, 8, 300]]

    static func inputs(_ sizes: [Int]) -> [Tensor] {
        let (rows, channels, hidden) = (sizes[0], sizes[1], sizes[2])
        return MaskDecoderOperationTests.inputs([
            [rows, channels], [channels], [channels], [hidden, channels], [hidden], [channels, hidden], [channels],
        ])
    }

    static func fused(_ inputs: [Tensor]) -> Tensor? {
        inputs[0].addingMLP(
            norm: WeightAndBias(weight: inputs[1], bias: inputs[2]), epsilon: 1e-5,
            first: WeightAndBias(weight: inputs[3], bias: inputs[4]),
            second: WeightAndBias(weight: inputs[5], bias: inputs[6]))
    }

    @Test(arguments: perceptrons) func perceptronsHaveTheBitsOfTheirOperations(_ sizes: [Int]) throws {
        let inputs = Self.inputs(sizes)
        var isTiled = false
        for table in Kernels.available {
            Kernels.with(table) {
                let normed = inputs[0].layerNorm(weight: inputs[1], bias: inputs[2], epsilon: 1e-5)
                let expected =
                    inputs[0]
                    + normed.linear(weight: inputs[3], bias: inputs[4]).gelu()
                    .linear(weight: inputs[5], bias: inputs[6])
                guard let found = Self.fused(inputs) else { return }
                isTiled = true
                #expect(found.values == expected.values, "\(table.level)")
            }
        }
        #expect(isTiled, "no level takes this way")
        let results = atEveryWorkerCount { Self.fused(inputs)?.values }
        #expect(results.allSatisfy { $0 == results[0] })
    }
}
