import Foundation
import KernelABI
import Kernels
import Testing

/// Elementary functions against Foundation's in Double, on every CPU level of this machine.
@Suite struct ElementaryTests {
    typealias Map = @Sendable (FloatInput, FloatOutput, Int) -> Void

    /// Applies a kernel to an array, whose count is not a multiple of any register's.
    static func apply(_ kernel: Map, _ input: [Float]) -> [Float] {
        [Float](unsafeUninitializedCapacity: input.count) { output, count in
            count = input.count
            input.withUnsafeBufferPointer { input in
                kernel(input.baseAddress.unsafelyUnwrapped, output.baseAddress.unsafelyUnwrapped, input.count)
            }
        }
    }

    /// Evenly spaced numbers, both ends included.
    static func grid(_ range: ClosedRange<Float>, count: Int = 200_003) -> [Float] {
        let step = (range.upperBound - range.lowerBound) / Float(count - 1)
        return (0..<count).map { min(range.upperBound, range.lowerBound + Float($0) * step) }
    }

    /// The largest relative error over a range.
    static func worst(_ kernel: Map, _ range: ClosedRange<Float>, _ exact: (Double) -> Double) -> Double {
        let input = grid(range)
        return zip(input, apply(kernel, input)).reduce(0) { worst, pair in
            let expected = exact(Double(pair.0))
            return expected == 0 ? worst : max(worst, abs(Double(pair.1) - expected) / abs(expected))
        }
    }

    static let levels = Kernels.available.map(\.level)

    static func kernels(_ level: CPULevel) throws -> ElementwiseKernels {
        try #require(Kernels.available.first { $0.level == level }).elementwise
    }

    @Test(arguments: levels)
    func exponentialIsAccurate(level: CPULevel) throws {
        let kernel = try Self.kernels(level).exp
        #expect(Self.worst(kernel, -87...88) { exp($0) } < 2e-7)
        let edges = Self.apply(kernel, [-.infinity, -1000, -88, 0, 88.3, 1000, .infinity, .nan])
        #expect(edges[0...3] == [0, 0, 0, 1])
        #expect(edges[4].isFinite && edges[5] == edges[4] && edges[6] == edges[4] && edges[7].isNaN)
    }

    @Test(arguments: levels)
    func geluIsAccurate(level: CPULevel) throws {
        let kernel = try Self.kernels(level).gelu
        func exact(_ x: Double) -> Double { x * 0.5 * erfc(-x / 2.0.squareRoot()) }
        #expect(Self.worst(kernel, -4...8, exact) < 6e-7)
        #expect(Self.worst(kernel, -12...(-4), exact) < 1e-5)
        #expect(Self.apply(kernel, [-200, 0, 200]) == [0, 0, 200])
    }

    @Test(arguments: levels)
    func sigmoidIsAccurate(level: CPULevel) throws {
        let kernel = try Self.kernels(level).sigmoid
        #expect(Self.worst(kernel, -80...80) { 1 / (1 + exp(-$0)) } < 4e-7)
        #expect(Self.apply(kernel, [-1000, 0, 1000]) == [0, 0.5, 1])
    }

    @Test(arguments: levels)
    func geluSlopeIsAccurate(level: CPULevel) throws {
        let kernel = try Self.kernels(level).geluBackward
        let input = Self.grid(-12...12)
        let ones = [Float](repeating: 1, count: input.count)
        var found = input
        kernel(input, ones, &found, input.count)
        let worst = zip(input, found).reduce(0.0) { worst, pair in
            let x = Double(pair.0)
            let exact = 0.5 * erfc(-x / 2.0.squareRoot()) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            return max(worst, abs(Double(pair.1) - exact))
        }
        #expect(worst < 4e-7, "\(worst)")
    }

    /// The bits of the two kernels that it stands for, also where the slope takes the place of the input.
    @Test(arguments: levels)
    func geluAndSlopeAreTheSame(level: CPULevel) throws {
        let kernels = try Self.kernels(level)
        let input = Self.grid(-9...9, count: 1003)
        let (value, slope) = (Self.apply(kernels.gelu, input), Self.slopes(kernels, input))
        var (foundValue, foundSlope) = (input, input)
        foundSlope.withUnsafeMutableBufferPointer { slope in
            foundValue.withUnsafeMutableBufferPointer { value in
                guard let slope = slope.baseAddress, let value = value.baseAddress else { return }
                kernels.geluAndSlope(slope, value, slope, input.count)
            }
        }
        #expect(foundValue == value)
        #expect(foundSlope == slope)
    }

    private static func slopes(_ kernels: ElementwiseKernels, _ input: [Float]) -> [Float] {
        let ones = [Float](repeating: 1, count: input.count)
        var slopes = input
        kernels.geluBackward(input, ones, &slopes, input.count)
        return slopes
    }
}
