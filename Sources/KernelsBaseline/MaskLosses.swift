internal import KernelABI

/// What every loss of a pixel is made of, from its logit x and target t; stable for every x. The rest is 1 - p, without
/// cancellation.
@inline(always) func pixelTerms(_ x: Vector, _ t: Vector) -> (
    probability: Vector, rest: Vector, crossEntropy: Vector, miss: Vector
) {
    let e = exponential(-magnitude(x))
    let r = splat(1) / (splat(1) + e)
    let isPositive = x .>= Vector.zero
    let p = (e * r).replacing(with: r, where: isPositive)
    let q = r.replacing(with: e * r, where: isPositive)
    // max(x, 0) - x t + log(1 + exp(-|x|))
    let crossEntropy = Vector.zero.replacing(with: x, where: isPositive) - x * t + logOnePlus(e)
    // 1 - p_t, the probability of the wrong answer, without cancellation.
    let miss = madd(p * (splat(1) - t), q, t)
    return (p, q, crossEntropy, miss)
}

@inline(always) func power(_ x: Vector, _ exponent: Int) -> Vector {
    var result = splat(1)
    for _ in 0..<exponent { result *= x }
    return result
}

/// Running sums of one block of pixels.
struct MaskLossAccumulators {
    var focal = Vector.zero
    var crossEntropy = Vector.zero
    var product = Vector.zero
    var probability = Vector.zero
    var target = Vector.zero
    var intersection = Vector.zero
    var union = Vector.zero
}

@inline(never) func maskLossSums(_ pass: MaskLossPass) -> MaskLossSums {
    var sums = MaskLossSums()
    var start = 0
    while start < pass.count {
        let end = min(pass.count, start + sumBlock)
        var block = MaskLossAccumulators()
        var index = start
        while index + lanes <= end {
            addPixels(&block, pass, load(pass.logits + index), load(pass.targets + index), mask: splat(1))
            index += lanes
        }
        if index < end {
            let rest = end - index
            addPixels(
                &block, pass, loadPartial(pass.logits + index, rest), loadPartial(pass.targets + index, rest),
                mask: partialOnes(rest))
        }
        sums.focal += Double(laneSum(block.focal))
        sums.crossEntropy += Double(laneSum(block.crossEntropy))
        sums.product += Double(laneSum(block.product))
        sums.probability += Double(laneSum(block.probability))
        sums.target += Double(laneSum(block.target))
        sums.intersection += Double(laneSum(block.intersection))
        sums.union += Double(laneSum(block.union))
        start = end
    }
    if pass.gamma.hasFraction { sums.focal = fractionalFocalSum(pass) }
    return sums
}

/// 1 in the first `count` lanes, 0 in the others.
@inline(__always) func partialOnes(_ count: Int) -> Vector {
    var ones = Vector.zero
    withUnsafeMutableBytes(of: &ones) { bytes in
        let target = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        for lane in 0..<count { target[lane] = 1 }
    }
    return ones
}

/// Adds some pixels to the sums; `mask` is 0 in lanes that hold none.
@inline(always) func addPixels(
    _ block: inout MaskLossAccumulators, _ pass: MaskLossPass, _ x: Vector, _ t: Vector, mask: Vector
) {
    let (p, _, crossEntropy, miss) = pixelTerms(x, t)
    let weight = madd(splat(1 - pass.alpha), t, splat(2 * pass.alpha - 1))
    block.focal = madd(block.focal, weight * crossEntropy * power(miss, pass.gamma.whole), mask)
    block.crossEntropy = madd(block.crossEntropy, crossEntropy, mask)
    block.product = madd(block.product, p, t)
    block.probability = madd(block.probability, p, mask)
    block.target += t
    let one = splat(1)
    let isInside = Vector.zero.replacing(with: one, where: x .> Vector.zero)
    let isTarget = Vector.zero.replacing(with: one, where: t .> splat(0.5))
    let both = isInside * isTarget
    block.intersection += both
    block.union += isInside + isTarget - both
}

@inline(never) func maskLossGradient(_ pass: MaskLossPass, _ slopes: MaskLossSlopes, _ gradient: FloatOutput) {
    var slopes = slopes
    let focal = slopes.focal
    if pass.gamma.hasFraction { slopes.focal = 0 }
    var index = 0
    while index + lanes <= pass.count {
        let slope = pixelSlope(pass, slopes, load(pass.logits + index), load(pass.targets + index))
        store(slope, gradient + index)
        index += lanes
    }
    if index < pass.count {
        let rest = pass.count - index
        let slope = pixelSlope(
            pass, slopes, loadPartial(pass.logits + index, rest), loadPartial(pass.targets + index, rest))
        storePartial(slope, gradient + index, rest)
    }
    if pass.gamma.hasFraction { addFractionalFocalGradient(pass, focal, gradient) }
}

/// The derivative of the loss with respect to the logits x of some pixels with targets t.
@inline(always) func pixelSlope(_ pass: MaskLossPass, _ slopes: MaskLossSlopes, _ x: Vector, _ t: Vector) -> Vector {
    let (p, q, crossEntropy, miss) = pixelTerms(x, t)
    let one = splat(1)
    let bell = p * q
    // p - t, without cancellation where the answer is all but sure.
    let error = p * (one - t) - q * t
    let weight = madd(splat(1 - pass.alpha), t, splat(2 * pass.alpha - 1))
    // d/dx of ce miss^gamma: ce' = p - t, miss' = p (1 - p) (1 - 2 t).
    var focal = error * power(miss, pass.gamma.whole)
    if pass.gamma.whole > 0 {
        let outer = splat(pass.gamma.value) * power(miss, pass.gamma.whole - 1) * crossEntropy
        focal = madd(focal, outer, bell * (one - t - t))
    }
    var sum = splat(slopes.focal) * weight * focal
    sum = madd(sum, splat(slopes.crossEntropy), error)
    return madd(sum, bell, madd(splat(slopes.probability), splat(slopes.product), t))
}
