import KernelABI
import Kernels
import Runtime
import Testing

/// Line by line the numbers are those of whole pictures, to the bit.
@Suite struct BilinearLinesTests {
    private typealias Size = BilinearResize.Size

    private static func noise(_ count: Int, seed: UInt64) -> [Float] {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("lines"))
        return (0..<count).map { _ in Float(random.uniform() * 20 - 10) }
    }

    private static func whole(_ input: [Float], _ source: Size, _ target: Size, kept: Size? = nil) -> [Float] {
        let kept = kept ?? target
        var output = [Float](repeating: .nan, count: kept.height * kept.width)
        output.withUnsafeMutableBufferPointer { output in
            input.withUnsafeBufferPointer { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return }
                BilinearResize(source: source, target: target, kept: kept, channels: 1).run(
                    input: input, output: output)
            }
        }
        return output
    }

    private static let sizes: [(Size, Size, Size?)] = [
        (Size(height: 32, width: 32), Size(height: 64, width: 64), nil),
        (Size(height: 32, width: 32), Size(height: 128, width: 128), Size(height: 77, width: 128)),
        (Size(height: 77, width: 128), Size(height: 43, width: 71), nil),
        (Size(height: 9, width: 5), Size(height: 100, width: 1), nil),
        (Size(height: 1, width: 7), Size(height: 1, width: 23), Size(height: 1, width: 20)),
        (Size(height: 40, width: 40), Size(height: 40, width: 40), nil),
        (Size(height: 200, width: 3), Size(height: 7, width: 3), nil),
    ]

    @Test(arguments: sizes.indices) func linesAreThoseOfTheWholePicture(index: Int) {
        let (source, target, kept) = Self.sizes[index]
        let input = Self.noise(source.height * source.width, seed: 5)
        let expected = Self.whole(input, source, target, kept: kept)
        for table in Kernels.available {
            Kernels.with(table) {
                let resize = BilinearLines(source: source, target: target, kept: kept)
                var scratch = [Float](repeating: .nan, count: resize.scratchCount)
                var line = [Float](repeating: .nan, count: resize.width)
                var found: [Float] = []
                scratch.withUnsafeMutableBufferPointer { scratch in
                    input.withUnsafeBufferPointer { input in
                        guard let memory = scratch.baseAddress, let source = input.baseAddress else { return }
                        let width = input.count / Self.sizes[index].0.height
                        var walk = BilinearLines.Walk(resize, scratch: memory)
                        for row in 0..<resize.height {
                            line.withUnsafeMutableBufferPointer { line in
                                guard let target = line.baseAddress else { return }
                                walk.line(row, into: target) { source + $0 * width }
                            }
                            found += line
                        }
                    }
                }
                #expect(found == expected, "\(table.level)")
            }
        }
    }
}
