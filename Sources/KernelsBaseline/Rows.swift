internal import KernelABI

/// Elements summed in Float before the sum moves to Double: short enough that rounding stays below 1e-6 relative.
@inline(__always) var sumBlock: Int { 4096 }

@inline(never) func sum(_ input: FloatInput, _ count: Int) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
        total += Double(rowSum(input + start, min(sumBlock, count - start)))
        start += sumBlock
    }
    return total
}

@inline(never) func sumOfSquares(_ input: FloatInput, _ count: Int) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
        let block = input + start
        total += Double(rowDot(block, block, min(sumBlock, count - start)))
        start += sumBlock
    }
    return total
}

/// The sum of a row of at most ``sumBlock`` floats, in two chains.
@inline(__always) func rowSum(_ x: FloatInput, _ count: Int) -> Float {
    var s0 = Vector.zero
    var s1 = Vector.zero
    var index = 0
    while index + 2 * lanes <= count {
        s0 += load(x + index)
        s1 += load(x + index + lanes)
        index += 2 * lanes
    }
    while index + lanes <= count {
        s0 += load(x + index)
        index += lanes
    }
    if index < count { s1 += loadRest(x + index, count - index) }
    return laneSum(s0 + s1)
}

/// The sum of products of two rows, in two chains.
@inline(__always) func rowDot(_ x: FloatInput, _ y: FloatInput, _ count: Int) -> Float {
    var s0 = Vector.zero
    var s1 = Vector.zero
    var index = 0
    while index + 2 * lanes <= count {
        s0 = madd(s0, load(x + index), load(y + index))
        s1 = madd(s1, load(x + index + lanes), load(y + index + lanes))
        index += 2 * lanes
    }
    while index + lanes <= count {
        s0 = madd(s0, load(x + index), load(y + index))
        index += lanes
    }
    if index < count { s1 = madd(s1, loadRest(x + index, count - index), loadRest(y + index, count - index)) }
    return laneSum(s0 + s1)
}

@inline(never) func dot(_ left: FloatInput, _ right: FloatInput, _ count: Int) -> Float {
    rowDot(left, right, count)
}

@inline(never) func addColumnSums(_ input: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput) {
    // By columns, whose sums stay in registers; each is formed in the order of the rows.
    var column = 0
    while column + 4 * lanes <= columns {
        let target = output + column
        var s0 = load(target)
        var s1 = load(target + lanes)
        var s2 = load(target + 2 * lanes)
        var s3 = load(target + 3 * lanes)
        for row in 0..<rows {
            let x = input + row * columns + column
            s0 += load(x)
            s1 += load(x + lanes)
            s2 += load(x + 2 * lanes)
            s3 += load(x + 3 * lanes)
        }
        store(s0, target)
        store(s1, target + lanes)
        store(s2, target + 2 * lanes)
        store(s3, target + 3 * lanes)
        column += 4 * lanes
    }
    while column + lanes <= columns {
        var sum = load(output + column)
        for row in 0..<rows { sum += load(input + row * columns + column) }
        store(sum, output + column)
        column += lanes
    }
    if column < columns {
        let rest = columns - column
        var sum = loadRest(output + column, rest)
        for row in 0..<rows { sum += loadRest(input + row * columns + column, rest) }
        storeRest(sum, output + column, rest)
    }
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
        if index < columns { largest = larger(largest, loadRest(x + index, columns - index, fill: -Float.infinity)) }
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
            let e = exponential(loadRest(x + index, columns - index, fill: -Float.infinity) - shift)
            total += e
            storeRest(e, y + index, columns - index)
        }
        scaleAdd(1 / laneSum(total), FloatInput(y), 0, y, columns)
    }
}

@inline(never) func softmaxBackward(
    _ output: FloatInput, _ gradient: FloatInput, _ rows: Int, _ columns: Int, _ inputGradient: FloatOutput
) {
    for row in 0..<rows {
        let y = output + row * columns
        let dy = gradient + row * columns
        let dx = inputGradient + row * columns
        let dot = splat(rowDot(y, dy, columns))
        var index = 0
        while index + lanes <= columns {
            store(load(y + index) * (load(dy + index) - dot), dx + index)
            index += lanes
        }
        if index < columns {
            let rest = columns - index
            storeRest(loadRest(y + index, rest) * (loadRest(dy + index, rest) - dot), dx + index, rest)
        }
    }
}
