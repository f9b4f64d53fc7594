internal import KernelABI

@inline(never) func layerNorm(
    _ input: FloatInput, _ weight: FloatInput, _ bias: FloatInput, _ epsilon: Float, _ rows: Int, _ columns: Int,
    _ output: FloatOutput, _ mean: FloatOutput?, _ rstd: FloatOutput?
) {
    let scale = 1 / Float(columns)
    for row in 0..<rows {
        let x = input + row * columns
        let average = blockSum(columns, { load(x + $0) }, { loadPartial(x + $0, $1) }) * scale
        let centre = splat(average)
        // Two passes over a row that is in the first-level cache: no cancellation.
        let variance =
            blockSum(
                columns,
                { index in
                    let d = load(x + index) - centre
                    return d * d
                },
                { index, rest in
                    let d = loadPartial(x + index, rest, fill: average) - centre
                    return d * d
                }) * scale
        let factor = 1 / (variance + epsilon).squareRoot()
        mean?[row] = average
        rstd?[row] = factor
        let y = output + row * columns
        let stretch = splat(factor)
        var index = 0
        while index + lanes <= columns {
            let normal = (load(x + index) - centre) * stretch
            store(madd(load(bias + index), normal, load(weight + index)), y + index)
            index += lanes
        }
        if index < columns {
            let rest = columns - index
            let normal = (loadPartial(x + index, rest) - centre) * stretch
            storePartial(
                madd(loadPartial(bias + index, rest), normal, loadPartial(weight + index, rest)), y + index, rest)
        }
    }
}

/// With n = (x - mean) rstd and g = dy weight: dx = rstd (g - mean(g) - n mean(g n)).
@inline(never) func layerNormBackward(_ pass: LayerNormBackward) {
    let scale = 1 / Float(pass.columns)
    for row in 0..<pass.rows {
        let x = pass.input + row * pass.columns
        let dy = pass.gradient + row * pass.columns
        let centre = splat(pass.mean[row])
        let stretch = splat(pass.rstd[row])
        if let dWeight = pass.weightGradient, let dBias = pass.biasGradient {
            add(FloatInput(dBias), dy, dBias, pass.columns)
            addNormalised(x, dy, centre, stretch, dWeight, pass.columns)
        }
        guard let dx = pass.inputGradient.map({ $0 + row * pass.columns }) else { continue }
        let weight = pass.weight
        let mean = splat(
            blockSum(
                pass.columns, { load(dy + $0) * load(weight + $0) },
                { loadPartial(dy + $0, $1) * loadPartial(weight + $0, $1) }) * scale)
        let slope = splat(
            blockSum(
                pass.columns,
                { load(dy + $0) * load(weight + $0) * ((load(x + $0) - centre) * stretch) },
                {
                    loadPartial(dy + $0, $1) * loadPartial(weight + $0, $1)
                        * ((loadPartial(x + $0, $1) - centre) * stretch)
                }) * scale)
        var index = 0
        while index + lanes <= pass.columns {
            let normal = (load(x + index) - centre) * stretch
            let g = load(dy + index) * load(weight + index)
            store(stretch * (g - mean - normal * slope), dx + index)
            index += lanes
        }
        if index < pass.columns {
            let rest = pass.columns - index
            let normal = (loadPartial(x + index, rest) - centre) * stretch
            let g = loadPartial(dy + index, rest) * loadPartial(weight + index, rest)
            storePartial(stretch * (g - mean - normal * slope), dx + index, rest)
        }
    }
}

/// `target += dy (x - mean) rstd`
@inline(__always) func addNormalised(
    _ x: FloatInput, _ dy: FloatInput, _ centre: Vector, _ stretch: Vector, _ target: FloatOutput, _ columns: Int
) {
    var index = 0
    while index + lanes <= columns {
        let normal = (load(x + index) - centre) * stretch
        store(madd(load(target + index), load(dy + index), normal), target + index)
        index += lanes
    }
    if index < columns {
        let rest = columns - index
        let normal = (loadPartial(x + index, rest) - centre) * stretch
        storePartial(
            madd(loadPartial(target + index, rest), loadPartial(dy + index, rest), normal), target + index, rest)
    }
}
