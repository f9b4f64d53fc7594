import Foundation
import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Window attention with a value for each distance, against one query and one key at a time in Double.
@Suite struct OffsetAttentionTests {
    /// Sizes of a picture and its windows.
    struct Sizes: Sendable, CustomTestStringConvertible {
        let batch: Int
        let height: Int
        let width: Int
        let window: Int
        let heads: Int
        let headSize: Int

        var channels: Int { heads * headSize }
        var shapes: [[Int]] {
            [[batch, height, width, 3 * channels], [3 * channels], [heads, window * window]]
        }
        var testDescription: String {
            "\(batch) x \(height) x \(width), windows of \(window), \(heads) heads of \(headSize)"
        }
    }

    static func fused(_ inputs: [Tensor], _ sizes: Sizes) -> Tensor {
        inputs[0].windowSelfAttention(
            heads: sizes.heads, window: sizes.window, padding: inputs[1], offsets: inputs[2])
    }

    /// Place by place; places beyond the picture have the padding's keys and values.
    static func reference(_ inputs: [Tensor], _ sizes: Sizes) -> [Double] {
        let (qkv, padding, offsets) = (inputs[0].values, inputs[1].values, inputs[2].values)
        let (side, size) = (sizes.window, sizes.headSize)
        var output = [Double](repeating: 0, count: sizes.batch * sizes.height * sizes.width * sizes.channels)
        func row(_ image: Int, _ y: Int, _ x: Int, _ head: Int, _ part: Int) -> [Double] {
            let channel = (3 * head + part) * size
            let isInside = y < sizes.height && x < sizes.width
            let first = isInside ? ((image * sizes.height + y) * sizes.width + x) * 3 * sizes.channels : 0
            return (isInside ? qkv : padding)[first + channel..<first + channel + size].map(Double.init)
        }
        for image in 0..<sizes.batch {
            for y in 0..<sizes.height {
                for x in 0..<sizes.width {
                    for head in 0..<sizes.heads {
                        let query = row(image, y, x, head, 0)
                        var (sum, mixed) = (0.0, [Double](repeating: 0, count: size))
                        for place in 0..<side * side {
                            let (ky, kx) = (y / side * side + place / side, x / side * side + place % side)
                            let distance = abs(y - ky) * side + abs(x - kx)
                            let dot = zip(query, row(image, ky, kx, head, 1)).reduce(0) { $0 + $1.0 * $1.1 }
                            let weight = exp(
                                dot / Double(size).squareRoot() + Double(offsets[head * side * side + distance]))
                            sum += weight
                            let value = row(image, ky, kx, head, 2)
                            for channel in 0..<size { mixed[channel] += weight * value[channel] }
                        }
                        let first = ((image * sizes.height + y) * sizes.width + x) * sizes.channels + head * size
                        for channel in 0..<size { output[first + channel] = mixed[channel] / sum }
                    }
                }
            }
        }
        return output
    }

    /// Windows that fill the picture, that are cut at one side or both, that are larger than it; a block of queries that is
    /// full, and one with one query; more keys than a tile.
    static let cases = [
        Sizes(batch: 1, height: 4, width: 4, window: 4, heads: 1, headSize: 4),
        Sizes(batch: 2, height: 5, width: 7, window: 3, heads: 2, headSize: 6),
        Sizes(batch: 1, height: 3, width: 2, window: 5, heads: 2, headSize: 14),
        Sizes(batch: 1, height: 8, width: 9, window: 8, heads: 1, headSize: 8),
        Sizes(batch: 1, height: 20, width: 16, window: 14, heads: 2, headSize: 16),
        Sizes(batch: 1, height: 16, width: 15, window: 7, heads: 3, headSize: 32),
    ]

    @Test(arguments: cases) func agreesWithTheReference(_ sizes: Sizes) {
        let inputs = MaskDecoderOperationTests.inputs(sizes.shapes)
        let expected = Self.reference(inputs, sizes)
        for table in Kernels.available {
            let found = Kernels.with(table) { Self.fused(inputs, sizes).values }
            let error = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
            #expect(found.count == expected.count && error < 1e-5, "\(table.level): off by \(error)")
        }
    }

    @Test(arguments: cases) func bytesDoNotDependOnWorkers(_ sizes: Sizes) {
        let inputs = MaskDecoderOperationTests.inputs(sizes.shapes)
        let results = atEveryWorkerCount { MaskDecoderOperationTests.run(inputs) { Self.fused($0, sizes) } }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// At every level of the kernels.
    @Test(arguments: cases.prefix(4)) func gradientsAreDerivatives(_ sizes: Sizes) {
        for table in Kernels.available {
            Kernels.with(table) { FiniteDifferences.check(sizes.shapes) { Self.fused($0, sizes) } }
        }
    }

    /// The gradients of large windows at every level, against the baseline's, which differences hold for small ones.
    @Test(arguments: cases.suffix(2)) func gradientsAgreeBetweenLevels(_ sizes: Sizes) {
        let inputs = MaskDecoderOperationTests.inputs(sizes.shapes)
        let all = Kernels.available.map { table in
            Kernels.with(table) { MaskDecoderOperationTests.run(inputs) { Self.fused($0, sizes) } }
        }
        for other in all.dropFirst() {
            for (found, expected) in zip(other, all[0]) {
                let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
                let error = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / scale
                #expect(found.count == expected.count && error < 2e-5, "\(error)")
            }
        }
    }
}
