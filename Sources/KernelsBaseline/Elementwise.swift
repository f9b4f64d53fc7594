internal import KernelABI

// Loops over registers with a partial register at the end, so that an element's value never depends on where it lies.

/// `output = body(input)`
@inline(__always) func mapVectors(_ input: FloatInput, _ output: FloatOutput, _ count: Int, _ body: (Vector) -> Vector)
{
    var index = 0
    while index + lanes <= count {
        store(body(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        storePartial(body(loadPartial(input + index, count - index)), output + index, count - index)
    }
}

/// `output = body(left, right)`
@inline(__always) func mapVectors(
    _ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int, _ body: (Vector, Vector) -> Vector
) {
    var index = 0
    while index + lanes <= count {
        store(body(load(left + index), load(right + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        storePartial(
            body(loadPartial(left + index, rest), loadPartial(right + index, rest)), output + index, rest)
    }
}

// Long functions have loops of their own: as closures they would not be inlined.

/// The register at `index` of `count` floats, zeros beyond the end.
@inline(always) func loadRest(_ source: FloatInput, _ index: Int, _ count: Int) -> Vector {
    count - index >= lanes ? load(source + index) : loadPartial(source + index, count - index)
}

/// Stores a register at `index` of `count` floats, not beyond the end.
@inline(always) func storeRest(_ vector: Vector, _ target: FloatOutput, _ index: Int, _ count: Int) {
    if count - index >= lanes {
        store(vector, target + index)
    } else {
        storePartial(vector, target + index, count - index)
    }
}

@inline(never) func add(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(left, right, output, count) { $0 + $1 }
}

@inline(never) func subtract(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(left, right, output, count) { $0 - $1 }
}

@inline(never) func multiply(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(left, right, output, count) { $0 * $1 }
}

@inline(never) func scaleAdd(
    _ alpha: Float, _ input: FloatInput, _ beta: Float, _ output: FloatOutput, _ count: Int
) {
    let factor = splat(alpha)
    let keep = splat(beta)
    if beta == 0 {
        mapVectors(input, output, count) { $0 * factor }
    } else {
        mapVectors(input, FloatInput(output), output, count) { madd($1 * keep, factor, $0) }
    }
}

@inline(never) func multiplyAdd(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(madd(load(output + index), load(left + index), load(right + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let sum = madd(
            loadPartial(output + index, rest), loadPartial(left + index, rest), loadPartial(right + index, rest))
        storePartial(sum, output + index, rest)
    }
}

@inline(never) func relu(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(input, output, count) { $0.replacing(with: Vector.zero, where: $0 .< Vector.zero) }
}

@inline(never) func gelu(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        let x = loadRest(input, index, count)
        storeRest(geluValue(x), output, index, count)
        index += lanes
    }
}

@inline(never) func sigmoid(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        let x = loadRest(input, index, count)
        storeRest(sigmoidValue(x), output, index, count)
        index += lanes
    }
}

@inline(never) func exp(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        let x = loadRest(input, index, count)
        storeRest(exponential(x), output, index, count)
        index += lanes
    }
}

@inline(never) func reluBackward(_ input: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(input, gradient, output, count) { x, dy in dy.replacing(with: Vector.zero, where: x .<= Vector.zero) }
}

@inline(never) func geluBackward(_ input: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        let x = loadRest(input, index, count)
        storeRest(loadRest(gradient, index, count) * geluSlope(x), output, index, count)
        index += lanes
    }
}

@inline(never) func sigmoidBackward(_ value: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    mapVectors(value, gradient, output, count) { y, dy in dy * y * (splat(1) - y) }
}
