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

/// With n = (x - mean) rstd and g = dy weight: dx = rstd (g - mean(g) - n mean(g n)).
@inline(never) func layerNormBackward(_ pass: LayerNormBackward) {
    for row in 0..<pass.rows {
        let x = pass.input + row * pass.columns
        let dy = pass.gradient + row * pass.columns
        let (mean, rstd) = (pass.mean[row], pass.rstd[row])
        if let dWeight = pass.weightGradient, let dBias = pass.biasGradient {
            addParameterGradients(x, dy, mean, rstd, dWeight, dBias, pass.columns)
        }
        if let dx = pass.inputGradient {
            normGradient(x, dy, pass.weight, mean, rstd, dx + row * pass.columns, pass.columns)
        }
    }
}

/// `dWeight += dy (x - mean) rstd` and `dBias += dy` for one row.
@inline(__always) func addParameterGradients(
    _ x: FloatInput, _ dy: FloatInput, _ mean: Float, _ rstd: Float, _ dWeight: FloatOutput, _ dBias: FloatOutput,
    _ columns: Int
) {
    let centre = splat(mean)
    let stretch = splat(rstd)
    var index = 0
    while index + lanes <= columns {
        let gradient = load(dy + index)
        let normal = (load(x + index) - centre) * stretch
        store(madd(load(dWeight + index), gradient, normal), dWeight + index)
        store(load(dBias + index) + gradient, dBias + index)
        index += lanes
    }
    if index < columns {
        let rest = columns - index
        let gradient = loadRest(dy + index, rest)
        let normal = (loadRest(x + index, rest) - centre) * stretch
        storeRest(madd(loadRest(dWeight + index, rest), gradient, normal), dWeight + index, rest)
        storeRest(loadRest(dBias + index, rest) + gradient, dBias + index, rest)
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
