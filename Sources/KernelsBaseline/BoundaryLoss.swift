internal import KernelABI

@inline(never) func weightedProbability(_ logits: FloatInput, _ weights: FloatInput, _ count: Int) -> Double {
    var sum = 0.0
    var start = 0
    while start < count {
        let end = min(count, start + sumBlock)
        var block = Vector.zero
        var index = start
        while index + lanes <= end {
            block = madd(block, sigmoidValue(load(logits + index)), load(weights + index))
            index += lanes
        }
        if index < end {
            // The weights of lanes past the end are zero.
            let rest = end - index
            block = madd(block, sigmoidValue(loadPartial(logits + index, rest)), loadPartial(weights + index, rest))
        }
        sum += Double(laneSum(block))
        start = end
    }
    return sum
}

@inline(never) func addWeightedProbabilityGradient(
    _ logits: FloatInput, _ weights: FloatInput, _ count: Int, _ slope: Float, _ gradient: FloatOutput
) {
    var index = 0
    while index + lanes <= count {
        let p = sigmoidValue(load(logits + index))
        let bell = p * (splat(1) - p)
        store(madd(load(gradient + index), bell, splat(slope) * load(weights + index)), gradient + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let p = sigmoidValue(loadPartial(logits + index, rest))
        let weight = splat(slope) * loadPartial(weights + index, rest)
        let sum = madd(loadPartial(gradient + index, rest), p * (splat(1) - p), weight)
        storePartial(sum, gradient + index, rest)
    }
}
