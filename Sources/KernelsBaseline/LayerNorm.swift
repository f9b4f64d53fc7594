internal import KernelABI

@inline(never) func layerNorm(
    _ input: FloatInput, _ weight: FloatInput, _ bias: FloatInput, _ epsilon: Float, _ rows: Int, _ columns: Int,
    _ output: FloatOutput, _ mean: FloatOutput?, _ rstd: FloatOutput?
) {
    let scale = 1 / Float(columns)
    for row in 0..<rows {
        let x = input + row * columns
        let average = rowSum(x, columns) * scale
        // Two passes over a row that is in the first-level cache: no cancellation.
        let factor = 1 / (squaredDistance(x, average, columns) * scale + epsilon).squareRoot()
        mean?[row] = average
        rstd?[row] = factor
        let y = output + row * columns
        let centre = splat(average)
        let stretch = splat(factor)
        var index = 0
        while index + lanes <= columns {
            let normal = (load(x + index) - centre) * stretch
            store(madd(load(bias + index), normal, load(weight + index)), y + index)
            index += lanes
        }
        if index < columns {
            let rest = columns - index
            let normal = (loadRest(x + index, rest) - centre) * stretch
            storeRest(
                madd(loadRest(bias + index, rest), normal, loadRest(weight + index, rest)), y + index, rest)
        }
    }
}

/// The sum of (x - centre)² over a row, in two chains.
@inline(__always) func squaredDistance(_ x: FloatInput, _ centre: Float, _ count: Int) -> Float {
    let middle = splat(centre)
    var s0 = Vector.zero
    var s1 = Vector.zero
    var index = 0
    while index + 2 * lanes <= count {
        let d0 = load(x + index) - middle
        let d1 = load(x + index + lanes) - middle
        s0 = madd(s0, d0, d0)
        s1 = madd(s1, d1, d1)
        index += 2 * lanes
    }
    while index + lanes <= count {
        let d = load(x + index) - middle
        s0 = madd(s0, d, d)
        index += lanes
    }
    if index < count {
        let d = loadRest(x + index, count - index, fill: centre) - middle
        s1 = madd(s1, d, d)
    }
    return laneSum(s0 + s1)
}

/// Rows whose sums over rows are formed together: they stay in the first-level cache for what follows.
@inline(always) var normRows: Int { 8 }

/// With n = (x - mean) rstd and g = dy weight: dx = rstd (g - mean(g) - n mean(g n)).
@inline(never) func layerNormBackward(_ pass: LayerNormBackward) {
    var first = 0
    while first < pass.rows {
        let rows = min(normRows, pass.rows - first)
        if let dWeight = pass.weightGradient, let dBias = pass.biasGradient {
            addParameterGradients(pass, first, rows, dWeight, dBias)
        }
        if let dx = pass.inputGradient {
            for row in first..<first + rows {
                let start = row * pass.columns
                normGradient(
                    pass.input + start, pass.gradient + start, pass.weight, pass.mean[row], pass.rstd[row], dx + start,
                    pass.columns)
            }
        }
        first += normRows
    }
}

/// `dWeight += dy (x - mean) rstd` and `dBias += dy` for some rows, by columns, whose sums stay in registers; each is formed
/// in the order of the rows.
@inline(__always) func addParameterGradients(
    _ pass: LayerNormBackward, _ first: Int, _ rows: Int, _ dWeight: FloatOutput, _ dBias: FloatOutput
) {
    let columns = pass.columns
    var column = 0
    while column + 2 * lanes <= columns {
        let (weights, biases) = (dWeight + column, dBias + column)
        var w0 = load(weights)
        var w1 = load(weights + lanes)
        var b0 = load(biases)
        var b1 = load(biases + lanes)
        for row in first..<first + rows {
            let x = pass.input + row * columns + column
            let dy = pass.gradient + row * columns + column
            let centre = splat(pass.mean[row])
            let stretch = splat(pass.rstd[row])
            let (g0, g1) = (load(dy), load(dy + lanes))
            w0 = madd(w0, g0, (load(x) - centre) * stretch)
            w1 = madd(w1, g1, (load(x + lanes) - centre) * stretch)
            b0 += g0
            b1 += g1
        }
        store(w0, weights)
        store(w1, weights + lanes)
        store(b0, biases)
        store(b1, biases + lanes)
        column += 2 * lanes
    }
    if column + lanes <= columns {
        var weights = load(dWeight + column)
        var biases = load(dBias + column)
        for row in first..<first + rows {
            let start = row * columns + column
            let gradient = load(pass.gradient + start)
            let normal = (load(pass.input + start) - splat(pass.mean[row])) * splat(pass.rstd[row])
            weights = madd(weights, gradient, normal)
            biases += gradient
        }
        store(weights, dWeight + column)
        store(biases, dBias + column)
        column += lanes
    }
    if column < columns {
        let rest = columns - column
        var weights = loadRest(dWeight + column, rest)
        var biases = loadRest(dBias + column, rest)
        for row in first..<first + rows {
            let start = row * columns + column
            let gradient = loadRest(pass.gradient + start, rest)
            let normal = (loadRest(pass.input + start, rest) - splat(pass.mean[row])) * splat(pass.rstd[row])
            weights = madd(weights, gradient, normal)
            biases += gradient
        }
        storeRest(weights, dWeight + column, rest)
        storeRest(biases, dBias + column, rest)
    }
}

/// dx of one row; may be in place of dy.
@inline(__always) func normGradient(
    _ x: FloatInput, _ dy: FloatInput, _ weight: FloatInput, _ mean: Float, _ rstd: Float, _ dx: FloatOutput,
    _ columns: Int
) {
    let scale = 1 / Float(columns)
    let centre = splat(mean)
    let stretch = splat(rstd)
    var sum = Vector.zero
    var product = Vector.zero
    var index = 0
    while index + lanes <= columns {
        let g = load(dy + index) * load(weight + index)
        sum += g
        product = madd(product, g, (load(x + index) - centre) * stretch)
        index += lanes
    }
    if index < columns {
        let rest = columns - index
        let g = loadRest(dy + index, rest) * loadRest(weight + index, rest)
        sum += g
        product = madd(product, g, (loadRest(x + index, rest) - centre) * stretch)
    }
    let average = splat(laneSum(sum) * scale)
    let slope = splat(laneSum(product) * scale)
    index = 0
    while index + lanes <= columns {
        let normal = (load(x + index) - centre) * stretch
        let g = load(dy + index) * load(weight + index)
        store(stretch * (g - average - normal * slope), dx + index)
        index += lanes
    }
    if index < columns {
        let rest = columns - index
        let normal = (loadRest(x + index, rest) - centre) * stretch
        let g = loadRest(dy + index, rest) * loadRest(weight + index, rest)
        storeRest(stretch * (g - average - normal * slope), dx + index, rest)
    }
}
