internal import KernelABI

#if KERNEL_WIDE
    private import CAVX512
#endif

// Conversions to and from the formats of 16 bits, with integers, since only v3 has instructions for one of them. Two
// numbers of 16 bits share a lane of 32: no vectors of 16-bit lanes are needed.
#if KERNEL_WIDE
    typealias Words = SIMD16<UInt32>
    typealias HalfWords = SIMD8<UInt32>
#elseif KERNEL_FMA
    typealias Words = SIMD8<UInt32>
    typealias HalfWords = SIMD4<UInt32>
#else
    typealias Words = SIMD4<UInt32>
    typealias HalfWords = SIMD2<UInt32>
#endif

@inline(never) func toBFloat16(_ input: FloatInput, _ output: HalfOutput, _ count: Int) {
    #if KERNEL_WIDE
        sd_wide_to_bfloat16(input, output, count)
    #else
        narrow(input, output, count) { bfloat16Bits($0) }
    #endif
}

@inline(never) func fromBFloat16(_ input: HalfInput, _ output: FloatOutput, _ count: Int) {
    #if KERNEL_WIDE
        sd_wide_from_bfloat16(input, output, count)
    #else
        widen(input, output, count) { unsafeBitCast($0 &<< 16, to: Vector.self) }
    #endif
}

@inline(never) func toFloat16(_ input: FloatInput, _ output: HalfOutput, _ count: Int) {
    narrow(input, output, count) { float16Bits($0) }
}

@inline(never) func fromFloat16(_ input: HalfInput, _ output: FloatOutput, _ count: Int) {
    widen(input, output, count) { float16Value($0) }
}

/// The upper 16 bits, to the nearest. Adding just less than half a unit, and one more if the last bit is odd, carries
/// where it should, from the largest number to infinity too.
@inline(always) func bfloat16Bits(_ x: Vector) -> Words {
    let bits = unsafeBitCast(x, to: Words.self)
    let rounded = bits &+ Words(repeating: 0x7fff) &+ ((bits &>> 16) & Words(repeating: 1))
    let quiet = bits | Words(repeating: 0x40_0000)
    let isNumber = (bits & Words(repeating: 0x7fff_ffff)) .<= Words(repeating: 0x7f80_0000)
    return quiet.replacing(with: rounded, where: isNumber) &>> 16
}

/// Half precision: 10 bits of mantissa, exponents from -14, or -24 with fewer bits.
@inline(always) func float16Bits(_ x: Vector) -> Words {
    let bits = unsafeBitCast(x, to: Words.self)
    let magnitude = bits & Words(repeating: 0x7fff_ffff)
    // Exponents are 112 apart; rounding as in bfloat16Bits, 13 bits go.
    let odd = (magnitude &>> 13) & Words(repeating: 1)
    let normal = (magnitude &+ Words(repeating: 0xfff) &+ odd &- Words(repeating: 112 << 23)) &>> 13
    // 0.5 has the unit 2^-24, that of the subnormal numbers: the sum rounds to it.
    let sum = unsafeBitCast(magnitude, to: Vector.self) + splat(0.5)
    let subnormal = unsafeBitCast(sum, to: Words.self) &- Words(repeating: 0x3f00_0000)
    var result = normal.replacing(with: subnormal, where: magnitude .< Words(repeating: 113 << 23))
    let infinite = Words(repeating: 0x7c00)
    result.replace(with: infinite, where: magnitude .>= Words(repeating: 143 << 23))
    let quiet = infinite | Words(repeating: 0x200) | ((magnitude &>> 13) & Words(repeating: 0x3ff))
    result.replace(with: quiet, where: magnitude .> Words(repeating: 0x7f80_0000))
    return result | ((bits &>> 16) & Words(repeating: 0x8000))
}

/// The Float of half-precision bits.
@inline(always) func float16Value(_ half: Words) -> Vector {
    let magnitude = (half & Words(repeating: 0x7fff)) &<< 13
    let normal = magnitude &+ Words(repeating: 112 << 23)
    // As if the exponent were one more, less what that added: exact.
    let smallest = Words(repeating: 113 << 23)
    let difference =
        unsafeBitCast(magnitude &+ smallest, to: Vector.self) - unsafeBitCast(smallest, to: Vector.self)
    let subnormal = unsafeBitCast(difference, to: Words.self)
    var result = normal.replacing(with: subnormal, where: magnitude .< Words(repeating: 1 << 23))
    // Infinity and what is not a number: the largest exponent of either format.
    let infinite = Words(repeating: 0x7c00 << 13)
    result.replace(with: normal &+ Words(repeating: 112 << 23), where: magnitude .>= infinite)
    let quiet = normal &+ Words(repeating: 112 << 23) | Words(repeating: 0x40_0000)
    result.replace(with: quiet, where: magnitude .> infinite)
    return unsafeBitCast(result | ((half & Words(repeating: 0x8000)) &<< 16), to: Vector.self)
}

/// `output = body(input)`, the lower 16 bits of each lane.
@inline(always) func narrow(_ input: FloatInput, _ output: HalfOutput, _ count: Int, _ body: (Vector) -> Words) {
    var index = 0
    while index < count {
        // The body stands here once, or it would be called for every register.
        let isWhole = index + lanes <= count
        var words = body(isWhole ? load(input + index) : loadPartial(input + index, count - index))
        if isWhole {
            let pairs = words.evenHalf | (words.oddHalf &<< 16)
            UnsafeMutableRawPointer(output + index).storeBytes(of: pairs, as: HalfWords.self)
        } else {
            withUnsafeMutableBytes(of: &words) { bytes in
                let source = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt32.self)
                for lane in 0..<count - index { output[index + lane] = UInt16(truncatingIfNeeded: source[lane]) }
            }
        }
        index += lanes
    }
}

/// `output = body(input)`, each number in the lower 16 bits of a lane.
@inline(always) func widen(_ input: HalfInput, _ output: FloatOutput, _ count: Int, _ body: (Words) -> Vector) {
    var index = 0
    while index + lanes <= count {
        let pairs = UnsafeRawPointer(input + index).loadUnaligned(as: HalfWords.self)
        var words = Words()
        words.evenHalf = pairs & HalfWords(repeating: 0xffff)
        words.oddHalf = pairs &>> 16
        store(body(words), output + index)
        index += lanes
    }
    if index < count {
        var words = Words(repeating: 0)
        withUnsafeMutableBytes(of: &words) { bytes in
            let target = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt32.self)
            for lane in 0..<count - index { target[lane] = UInt32(truncatingIfNeeded: input[index + lane]) }
        }
        storePartial(body(words), output + index, count - index)
    }
}
