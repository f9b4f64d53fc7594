internal import KernelABI

// The focal loss with an exponent that has a fraction: a pass of its own, so that the usual one, which multiplies, stays
// small enough for the compiler to keep in registers.

@inline(never) func fractionalFocalSum(_ pass: MaskLossPass) -> Double {
    var sum = 0.0
    var start = 0
    while start < pass.count {
        let end = start + sumBlock < pass.count ? start + sumBlock : pass.count
        var block = Vector.zero
        var index = start
        while index + lanes <= end {
            block += fractionalFocal(pass, load(pass.logits + index), load(pass.targets + index))
            index += lanes
        }
        if index < end {
            let rest = end - index
            let value = fractionalFocal(
                pass, loadPartial(pass.logits + index, rest), loadPartial(pass.targets + index, rest))
            block = madd(block, value, partialOnes(rest))
        }
        sum += Double(laneSum(block))
        start = end
    }
    return sum
}

/// Adds `slope` times the derivative of the sum with respect to each logit.
@inline(never) func addFractionalFocalGradient(_ pass: MaskLossPass, _ slope: Float, _ gradient: FloatOutput) {
    var index = 0
    while index + lanes <= pass.count {
        let derivative = fractionalFocalSlope(pass, load(pass.logits + index), load(pass.targets + index))
        store(madd(load(gradient + index), splat(slope), derivative), gradient + index)
        index += lanes
    }
    if index < pass.count {
        let rest = pass.count - index
        let derivative = fractionalFocalSlope(
            pass, loadPartial(pass.logits + index, rest), loadPartial(pass.targets + index, rest))
        storePartial(madd(loadPartial(gradient + index, rest), splat(slope), derivative), gradient + index, rest)
    }
}

/// `αₜ miss^γ ce` of some pixels.
@inline(always) func fractionalFocal(_ pass: MaskLossPass, _ x: Vector, _ t: Vector) -> Vector {
    let (_, _, crossEntropy, miss) = pixelTerms(x, t)
    let weight = madd(splat(1 - pass.alpha), t, splat(2 * pass.alpha - 1))
    return weight * crossEntropy * power(miss, pass.gamma.value)
}

/// Its derivative with respect to the logits: `αₜ miss^γ (ce' + γ ce miss' / miss)`. For a plain label miss' is no more than
/// miss, so that the quotient is finite where the power of γ - 1 is not.
@inline(always) func fractionalFocalSlope(_ pass: MaskLossPass, _ x: Vector, _ t: Vector) -> Vector {
    let (p, q, crossEntropy, miss) = pixelTerms(x, t)
    let one = splat(1)
    let weight = madd(splat(1 - pass.alpha), t, splat(2 * pass.alpha - 1))
    let smallest = splat(Float.leastNormalMagnitude)
    let share = p * q * (one - t - t) / miss.replacing(with: smallest, where: miss .< smallest)
    let error = p * (one - t) - q * t
    return weight * power(miss, pass.gamma.value) * madd(error, splat(pass.gamma.value) * crossEntropy, share)
}
