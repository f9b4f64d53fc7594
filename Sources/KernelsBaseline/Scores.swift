internal import KernelABI

/// Loads a register of which `count` lanes count, the others `fill`.
@inline(always) func loadSome(_ source: FloatInput, _ count: Int, fill: Float = 0) -> Vector {
    count == lanes ? load(source) : loadPartial(source, count, fill: fill)
}

/// Stores the first `count` lanes.
@inline(always) func storeSome(_ vector: Vector, _ target: FloatOutput, _ count: Int) {
    if count == lanes { store(vector, target) } else { storePartial(vector, target, count) }
}

@inline(never) func groupSoftmax(
    _ scores: FloatOutput, _ bias: FloatInput?, _ groups: Int, _ rowsPerGroup: Int, _ columns: Int, _ stride: Int
) {
    for group in 0..<groups {
        let first = group * rowsPerGroup
        var column = 0
        while column < columns {
            let count = min(lanes, columns - column)
            let top = scores + first * stride + column
            var largest = splat(-Float.infinity)
            for row in 0..<rowsPerGroup {
                var score = loadSome(top + row * stride, count)
                if let bias {
                    score += splat(bias[first + row])
                    storeSome(score, top + row * stride, count)
                }
                largest = larger(largest, score)
            }
            var total = Vector.zero
            for row in 0..<rowsPerGroup {
                let e = exponential(loadSome(top + row * stride, count) - largest)
                total += e
                storeSome(e, top + row * stride, count)
            }
            let factor = splat(1) / total
            for row in 0..<rowsPerGroup {
                storeSome(loadSome(top + row * stride, count) * factor, top + row * stride, count)
            }
            column += lanes
        }
    }
}

@inline(never) func groupSoftmaxBackward(
    _ probabilities: FloatInput, _ slopes: FloatOutput, _ groups: Int, _ rowsPerGroup: Int, _ columns: Int,
    _ stride: Int
) {
    for group in 0..<groups {
        let first = group * rowsPerGroup * stride
        var column = 0
        while column < columns {
            let count = min(lanes, columns - column)
            let (p, s) = (probabilities + first + column, slopes + first + column)
            var dot = Vector.zero
            for row in 0..<rowsPerGroup {
                dot = madd(dot, loadSome(p + row * stride, count), loadSome(s + row * stride, count))
            }
            for row in 0..<rowsPerGroup {
                let slope = loadSome(p + row * stride, count) * (loadSome(s + row * stride, count) - dot)
                storeSome(slope, s + row * stride, count)
            }
            column += lanes
        }
    }
}

@inline(never) func exponentials(
    _ scores: FloatInput, _ count: Int, _ output: FloatOutput, _ maximum: FloatOutput, _ sum: FloatOutput
) {
    var largest = splat(-Float.infinity)
    var column = 0
    while column < count {
        let some = min(lanes, count - column)
        largest = larger(largest, loadSome(scores + column, some, fill: -Float.infinity))
        column += lanes
    }
    maximum[0] = laneMaximum(largest)
    let peak = splat(maximum[0])
    var total = Vector.zero
    column = 0
    while column < count {
        let some = min(lanes, count - column)
        let e = exponential(loadSome(scores + column, some, fill: -Float.infinity) - peak)
        total += e
        storeSome(e, output + column, some)
        column += lanes
    }
    sum[0] = laneSum(total)
}

@inline(never) func softmaxSlopes(
    _ scores: FloatInput, _ probabilities: FloatOutput, _ slopes: FloatOutput, _ count: Int, _ maximum: Float,
    _ reciprocal: Float, _ dot: Float
) {
    let (peak, factor, offset) = (splat(maximum), splat(reciprocal), splat(dot))
    var column = 0
    while column < count {
        let some = min(lanes, count - column)
        let probability = exponential(loadSome(scores + column, some) - peak) * factor
        storeSome(probability, probabilities + column, some)
        storeSome(probability * (loadSome(slopes + column, some) - offset), slopes + column, some)
        column += lanes
    }
}
