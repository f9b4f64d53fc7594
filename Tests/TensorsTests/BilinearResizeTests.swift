import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Bilinear resize against the formula, pixel by pixel in single precision: the same bits at every level and any number of
/// workers, since the parity of masks with the reference's rests on them.
@Suite struct BilinearResizeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let source: BilinearResize.Size
        let target: BilinearResize.Size
        let kept: BilinearResize.Size
        let channels: Int

        init(_ source: (Int, Int), to target: (Int, Int), kept: (Int, Int)? = nil, channels: Int = 1) {
            self.source = .init(height: source.0, width: source.1)
            self.target = .init(height: target.0, width: target.1)
            self.kept = .init(height: kept?.0 ?? target.0, width: kept?.1 ?? target.1)
            self.channels = channels
        }

        var testDescription: String {
            "\(source.height) x \(source.width) to \(kept.height) x \(kept.width) of \(target.height) x "
                + "\(target.width), \(channels) channels"
        }

        var input: Tensor { .random([2, source.height, source.width, channels], seed: 7) }

        func run() -> [Float] {
            let call = BilinearResize(source: source, target: target, kept: kept, channels: channels)
            return Tensor(shape: [2, kept.height, kept.width, channels]) { output in
                input.withUnsafeBuffer {
                    call.run(batch: 2, input: $0.baseAddress.unsafelyUnwrapped, output: output)
                }
            }.values
        }

        static func tap(_ index: Int, _ source: Int, _ target: Int) -> (low: Int, high: Int, weight: Float) {
            let place = max(0, (Float(index) + 0.5) * (Float(source) / Float(target)) - 0.5)
            let low = min(Int(place), source - 1)
            return (low, min(low + 1, source - 1), place - Float(low))
        }

        /// The formula, one pixel after the other.
        var expected: [Float] {
            let values = input.values
            var result: [Float] = []
            for picture in 0..<2 {
                for y in 0..<kept.height {
                    let line = Self.tap(y, source.height, target.height)
                    for x in 0..<kept.width {
                        let column = Self.tap(x, source.width, target.width)
                        for channel in 0..<channels {
                            func pixel(_ y: Int, _ x: Int) -> Float {
                                values[((picture * source.height + y) * source.width + x) * channels + channel]
                            }
                            func across(_ y: Int) -> Float {
                                pixel(y, column.low) * (1 - column.weight) + pixel(y, column.high) * column.weight
                            }
                            result.append(
                                across(line.low) * (1 - line.weight) + across(line.high) * line.weight)
                        }
                    }
                }
            }
            return result
        }
    }

    static let cases = [
        Case((1, 1), to: (5, 3)), Case((7, 9), to: (28, 36)), Case((64, 64), to: (256, 256), kept: (171, 256)),
        Case((100, 80), to: (37, 19)), Case((33, 50), to: (33, 50)), Case((5, 6), to: (70, 11), channels: 5),
        Case((9, 8), to: (40, 31), kept: (40, 20), channels: 32),
    ]

    @Test(arguments: cases) func equalsTheFormula(_ each: Case) {
        let expected = each.expected
        for table in Kernels.available { #expect(Kernels.with(table) { each.run() } == expected, "\(table.level)") }
    }

    @Test(arguments: cases) func bytesDoNotDependOnWorkers(_ each: Case) {
        let results = atEveryWorkerCount { each.run() }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func tensorsAreResizedAsAWhole() {
        let each = Case((7, 9), to: (28, 36), channels: 3)
        #expect(each.input.bilinearResized(height: 28, width: 36).values == each.run())
    }
}
