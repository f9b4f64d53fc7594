internal import KernelABI

// Elementary functions in registers. The polynomials are fits in single precision; Tests/KernelsTests/ElementaryTests
// holds exp, gelu and sigmoid to the errors that are stated here, at every level.

/// exp(x), relative error below 2e-7; 0 below -87.3, at most exp(88.3) above; not-a-number stays.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite), exp(x) = 2^n (1 + r + r² P(r)).
@inline(always) func exponential(_ x: Vector) -> Vector {
    let low = splat(-87.3)
    let high = splat(88.3)
    let clamped = x.replacing(with: high, where: x .> high)
    // 1.5 · 2^23: adding it leaves the nearest integer in the low bits of the mantissa.
    let magic = splat(12_582_912)
    let shifted = madd(magic, clamped, splat(1.442_695_04))
    let n = shifted - magic
    let r = madd(madd(clamped, n, splat(-0.693_145_752)), n, splat(-1.428_606_77e-6))
    var p = splat(0.001_381_46)
    p = madd(splat(0.008_368_715_6), p, r)
    p = madd(splat(0.041_668_389), p, r)
    p = madd(splat(0.166_665_21), p, r)
    p = madd(splat(0.499_999_94), p, r)
    let value = madd(splat(1), madd(splat(1), p, r), r)
    let bits = unsafeBitCast(shifted, to: VectorBits.self) &+ VectorBits(repeating: 127 - 0x4b40_0000)
    let scale = unsafeBitCast(bits &<< 23, to: Vector.self)
    return (value * scale).replacing(with: Vector.zero, where: x .< low)
}

/// log(1 + e) for e in 0...1, relative error below 2e-7.
@inline(always) func logOnePlus(_ e: Vector) -> Vector {
    var p = splat(-0.003_243_981)
    p = madd(splat(0.019_851_261), p, e)
    p = madd(splat(-0.056_959_16), p, e)
    p = madd(splat(0.106_036_17), p, e)
    p = madd(splat(-0.153_055_7), p, e)
    p = madd(splat(0.196_759_31), p, e)
    p = madd(splat(-0.249_541_33), p, e)
    p = madd(splat(0.333_299_64), p, e)
    p = madd(splat(-0.499_999_02), p, e)
    p = madd(splat(1), p, e)
    return p * e
}

/// x to the power y for x in 0...1 and y > 0, relative error below 2e-7 (1 + y (1 + |log x|)); not-a-number stays.
///
/// exp(y log x), with x = 2^k m and 1 <= m < 2: log x = k ln 2 + log m.
@inline(always) func power(_ x: Vector, _ y: Float) -> Vector {
    let bits = unsafeBitCast(x, to: VectorBits.self)
    // 1.5 · 2^23 + k, see exponential: the exponent's bits become the low bits of a mantissa.
    let exponent = (bits &>> 23) &+ VectorBits(repeating: 0x4b40_0000 - 127)
    let k = unsafeBitCast(exponent, to: Vector.self) - splat(12_582_912)
    let one = VectorBits(repeating: 0x3f80_0000)
    let m = unsafeBitCast((bits & VectorBits(repeating: 0x007f_ffff)) | one, to: Vector.self)
    let logarithm = madd(logOnePlus(m - splat(1)), k, splat(0.693_147_18))
    let value = exponential(splat(y) * logarithm)
    // What has no exponent of its own (0 and the like), and what is not a number.
    let smallest = splat(Float.leastNormalMagnitude)
    return value.replacing(with: Vector.zero, where: x .< smallest).replacing(with: x, where: x .!= x)
}

/// |x| lane by lane.
@inline(always) func magnitude(_ x: Vector) -> Vector { x.replacing(with: -x, where: x .< Vector.zero) }

/// The normal distribution: Φ(x), and exp(-x²/2) on the way.
///
/// Φ(-a) = exp(-a²/2) t P(t) with t = 1 / (1 + 0.26 a), relative error below 6e-7 while a <= 4 and below 1e-5 to the
/// end of the range, where the rounding of a² is what remains.
@inline(always) func normalDistribution(_ x: Vector) -> (value: Vector, bell: Vector) {
    let a = magnitude(x)
    let bell = exponential(a * a * splat(-0.5))
    let t = splat(1) / madd(splat(1), a, splat(0.26))
    var p = splat(0.030_505_46)
    p = madd(splat(-0.152_831_51), p, t)
    p = madd(splat(0.251_496_58), p, t)
    p = madd(splat(-0.150_954_68), p, t)
    p = madd(splat(0.160_951_57), p, t)
    p = madd(splat(0.051_026_21), p, t)
    p = madd(splat(0.103_030_6), p, t)
    p = madd(splat(0.103_016_704), p, t)
    p = madd(splat(0.103_759_065), p, t)
    let tail = bell * (p * t)
    return (tail.replacing(with: splat(1) - tail, where: x .> Vector.zero), bell)
}

/// x Φ(x)
@inline(always) func geluValue(_ x: Vector) -> Vector { x * normalDistribution(x).value }

/// Φ(x) + x φ(x)
@inline(always) func geluSlope(_ x: Vector) -> Vector { geluValueAndSlope(x).slope }

/// x Φ(x) and Φ(x) + x φ(x)
@inline(always) func geluValueAndSlope(_ x: Vector) -> (value: Vector, slope: Vector) {
    let (value, bell) = normalDistribution(x)
    return (x * value, madd(value, x * splat(0.398_942_28), bell))
}

/// 1 / (1 + exp(-x)), without overflow on either side.
@inline(always) func sigmoidValue(_ x: Vector) -> Vector {
    let e = exponential(-magnitude(x))
    let r = splat(1) / (splat(1) + e)
    return (e * r).replacing(with: r, where: x .>= Vector.zero)
}
