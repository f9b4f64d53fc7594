internal import KernelABI

/// Elements summed in Float before the sum moves to Double: short enough that rounding stays below 1e-6 relative.
@inline(__always) var sumBlock: Int { 4096 }

@inline(__always) func blockSum(_ count: Int, _ term: (Int) -> Vector, _ last: (Int, Int) -> Vector) -> Float {
    var s0 = Vector.zero
    var s1 = Vector.zero
    var index = 0
    while index + 2 * lanes <= count {
        s0 += term(index)
        s1 += term(index + lanes)
        index += 2 * lanes
    }
    while index + lanes <= count {
        s0 += term(index)
        index += lanes
    }
    if index < count { s1 += last(index, count - index) }
    return laneSum(s0 + s1)
}

@inline(never) func sum(_ input: FloatInput, _ count: Int) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
        let block = input + start
        total += Double(
            blockSum(min(sumBlock, count - start), { load(block + $0) }, { loadPartial(block + $0, $1) }))
        start += sumBlock
    }
    return total
}

@inline(never) func sumOfSquares(_ input: FloatInput, _ count: Int) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
        let block = input + start
        let part = blockSum(
            min(sumBlock, count - start),
            { index in
                let x = load(block + index)
                return x * x
            },
            { index, rest in
                let x = loadPartial(block + index, rest)
                return x * x
            })
        total += Double(part)
        start += sumBlock
    }
    return total
}

@inline(never) func addColumnSums(_ input: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput) {
    for row in 0..<rows { add(FloatInput(output), input + row * columns, output, columns) }
}

@inline(never) func softmax(_ input: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput) {
    for row in 0..<rows {
        let x = input + row * columns
        let y = output + row * columns
        var largest = splat(-Float.infinity)
        var index = 0
        while index + lanes <= columns {
            largest = larger(largest, load(x + index))
            index += lanes
        }
        if index < columns { largest = larger(largest, loadPartial(x + index, columns - index, fill: -Float.infinity)) }
        let shift = splat(laneMaximum(largest))
        var total = Vector.zero
        index = 0
        while index + lanes <= columns {
            let e = exponential(load(x + index) - shift)
            total += e
            store(e, y + index)
            index += lanes
        }
        if index < columns {
            let e = exponential(loadPartial(x + index, columns - index, fill: -Float.infinity) - shift)
            total += e
            storePartial(e, y + index, columns - index)
        }
        let factor = splat(1 / laneSum(total))
        mapVectors(FloatInput(y), y, columns) { $0 * factor }
    }
}

@inline(never) func softmaxBackward(
    _ output: FloatInput, _ gradient: FloatInput, _ rows: Int, _ columns: Int, _ inputGradient: FloatOutput
) {
    for row in 0..<rows {
        let y = output + row * columns
        let dy = gradient + row * columns
        let dot = splat(
            blockSum(
                columns, { load(y + $0) * load(dy + $0) }, { loadPartial(y + $0, $1) * loadPartial(dy + $0, $1) }))
        mapVectors(y, dy, inputGradient + row * columns, columns) { $0 * ($1 - dot) }
    }
}
