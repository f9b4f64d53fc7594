import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Window attention against windows that are cut out, filled up with the bias and attended to one by one.
@Suite struct WindowAttentionTests {
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
            [[batch, height, width, 3 * channels], [3 * channels]]
                + [[Int]](repeating: [2 * window - 1, headSize], count: 2)
        }
        var testDescription: String {
            "\(batch) x \(height) x \(width), windows of \(window), \(heads) heads of \(headSize)"
        }
    }

    static func fused(_ inputs: [Tensor], _ sizes: Sizes) -> Tensor {
        inputs[0].windowSelfAttention(
            heads: sizes.heads, bias: inputs[1],
            relativePosition: RelativePosition(
                height: inputs[2], width: inputs[3], grid: (sizes.window, sizes.window)))
    }

    /// The part of a picture from a window's corner, filled up with the bias at the right and below.
    static func cut(_ picture: Tensor, _ bias: Tensor, rows: Range<Int>, columns: Range<Int>, side: Int) -> Tensor {
        var part = picture.sliced(axis: 1, range: rows).sliced(axis: 2, range: columns)
        let (batch, channels) = (picture.shape[0], picture.shape[3])
        func filling(_ height: Int, _ width: Int) -> Tensor {
            bias.repeatedLeading(batch * height * width).reshaped([batch, height, width, channels])
        }
        if columns.count < side {
            part = .concatenated([part, filling(rows.count, side - columns.count)], axis: 2)
        }
        if rows.count < side { part = .concatenated([part, filling(side - rows.count, side)], axis: 1) }
        return part
    }

    static func plain(_ inputs: [Tensor], _ sizes: Sizes) -> Tensor {
        let side = sizes.window
        let position = RelativePosition(height: inputs[2], width: inputs[3], grid: (side, side))
        let lines = stride(from: 0, to: sizes.height, by: side).map { row in
            let rows = row..<min(sizes.height, row + side)
            let windows = stride(from: 0, to: sizes.width, by: side).map { column in
                let columns = column..<min(sizes.width, column + side)
                return Tensor.selfAttention(
                    qkv: cut(inputs[0], inputs[1], rows: rows, columns: columns, side: side)
                        .reshaped([sizes.batch, side * side, 3 * sizes.channels]), heads: sizes.heads,
                    relativePosition: position
                )
                .reshaped([sizes.batch, side, side, sizes.channels])
                .sliced(axis: 1, range: 0..<rows.count).sliced(axis: 2, range: 0..<columns.count)
            }
            return Tensor.concatenated(windows, axis: 2)
        }
        return Tensor.concatenated(lines, axis: 1)
    }

    static let cases = [
        Sizes(batch: 1, height: 4, width: 4, window: 4, heads: 1, headSize: 4),
        Sizes(batch: 2, height: 5, width: 7, window: 3, heads: 2, headSize: 6),
        Sizes(batch: 1, height: 3, width: 2, window: 5, heads: 2, headSize: 14),
        Sizes(batch: 1, height: 20, width: 16, window: 14, heads: 2, headSize: 16),
    ]

    @Test(arguments: cases) func agreesWithCutWindows(_ sizes: Sizes) {
        let inputs = MaskDecoderOperationTests.inputs(sizes.shapes)
        let expected = MaskDecoderOperationTests.run(inputs) { Self.plain($0, sizes) }
        for table in Kernels.available {
            let found = Kernels.with(table) { MaskDecoderOperationTests.run(inputs) { Self.fused($0, sizes) } }
            for (index, (found, expected)) in zip(found, expected).enumerated() {
                #expect(found.count == expected.count)
                let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
                let error = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / scale
                #expect(error < 2e-5, "\(table.level): part \(index) is off by \(error)")
            }
        }
    }

    @Test(arguments: cases) func bytesDoNotDependOnWorkers(_ sizes: Sizes) {
        let inputs = MaskDecoderOperationTests.inputs(sizes.shapes)
        let results = atEveryWorkerCount { MaskDecoderOperationTests.run(inputs) { Self.fused($0, sizes) } }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func gradientsAreDerivatives() {
        for sizes in Self.cases.prefix(2) {
            FiniteDifferences.check(sizes.shapes) { Self.fused($0, sizes) }
        }
    }
}
