import KernelABI
import Kernels
import Runtime
import Testing

/// Conversions to and from 16 bits: all 65 536 values of either format, and edges and draws of Float, bit for bit.
@Suite struct ConversionTests {
    static let halves = (0...UInt16.max).map { $0 }

    /// bfloat16 by hand: the upper bits, one more beyond half or at half of an odd number.
    static func bfloat16(_ x: Float) -> UInt16 {
        let upper = UInt16(x.bitPattern >> 16)
        if x.isNaN { return upper | 0x40 }
        let rest = x.bitPattern & 0xffff
        return rest > 0x8000 || (rest == 0x8000 && upper % 2 == 1) ? upper + 1 : upper
    }

    /// Half precision as the compiler's runtime library has it, with our rule for what is not a number.
    static func float16(_ x: Float) -> UInt16 {
        if x.isNaN { return UInt16(x.bitPattern >> 16 & 0x8000) | 0x7e00 | UInt16(x.bitPattern >> 13 & 0x3ff) }
        return Float16(x).bitPattern
    }

    /// Every half value, its neighbours in Float, the middle to the next one and the middle's neighbours; then anything.
    static let floats: [Float] = {
        var random = CounterRandom(seed: 3, sample: 1, purpose: RandomPurpose("conversion test"))
        var bits: [UInt32] = []
        for half in halves {
            let (narrow, wide) = (Float(Float16(bitPattern: half)).bitPattern, UInt32(half) << 16)
            bits += [narrow &- 1, narrow, narrow &+ 1, narrow &+ 0xfff, narrow &+ 0x1000, narrow &+ 0x1001]
            bits += [wide, wide &+ 1, wide &+ 0x7fff, wide &+ 0x8000, wide &+ 0x8001, wide &+ 0xffff]
            bits.append(UInt32(truncatingIfNeeded: random.next()))
        }
        return bits.map { Float(bitPattern: $0) } + [65519, 65519.996, 65520, 65536, -65520, 0x1p-25, 0x1.000002p-25]
    }()

    static func narrow(_ kernel: ConversionKernels.Narrow, _ input: [Float]) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: input.count) { output, count in
            input.withUnsafeBufferPointer { input in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                kernel(from, to, input.count)
            }
            count = input.count
        }
    }

    static func widen(_ kernel: ConversionKernels.Widen, _ input: [UInt16]) -> [Float] {
        [Float](unsafeUninitializedCapacity: input.count) { output, count in
            input.withUnsafeBufferPointer { input in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                kernel(from, to, input.count)
            }
            count = input.count
        }
    }

    @Test(arguments: Kernels.available.map(\.level))
    func everyHalfValueIsWidenedExactly(level: CPULevel) throws {
        let kernels = try #require(Kernels.available.first { $0.level == level }).conversions
        let brain = Self.widen(kernels.fromBFloat16, Self.halves)
        #expect(brain.map(\.bitPattern) == Self.halves.map { UInt32($0) << 16 })
        let half = Self.widen(kernels.fromFloat16, Self.halves)
        let wrong = zip(Self.halves, half).filter { bits, value in
            let expected = Float(Float16(bitPattern: bits))
            return expected.isNaN ? !value.isNaN : value.bitPattern != expected.bitPattern
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
        // And back: what is not a number comes back quiet.
        let isNumber = { (bits: UInt16) in bits & 0x7fff <= 0x7c00 }
        #expect(Self.narrow(kernels.toFloat16, half) == Self.halves.map { isNumber($0) ? $0 : $0 | 0x200 })
        let again = Self.halves.map { Self.bfloat16(Float(bitPattern: UInt32($0) << 16)) }
        #expect(Self.narrow(kernels.toBFloat16, brain) == again)
    }

    @Test(arguments: Kernels.available.map(\.level))
    func floatsAreRoundedToTheNearestEven(level: CPULevel) throws {
        let kernels = try #require(Kernels.available.first { $0.level == level }).conversions
        #expect(Self.narrow(kernels.toBFloat16, Self.floats) == Self.floats.map(Self.bfloat16))
        let half = Self.narrow(kernels.toFloat16, Self.floats)
        let wrong = zip(Self.floats, half).filter { value, bits in bits != Self.float16(value) }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }
}
