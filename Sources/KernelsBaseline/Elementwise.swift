internal import KernelABI

// Loops over registers with a partial register at the end, so that an element's value never depends on where it lies.
// They are written out: the compiler does not always inline a closure, and a call costs more than what it does.

@inline(never) func add(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(load(left + index) + load(right + index), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = loadPartial(left + index, rest) + loadPartial(right + index, rest)
        storePartial(result, output + index, rest)
    }
}

@inline(never) func subtract(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(load(left + index) - load(right + index), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = loadPartial(left + index, rest) - loadPartial(right + index, rest)
        storePartial(result, output + index, rest)
    }
}

@inline(never) func multiply(_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(load(left + index) * load(right + index), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = loadPartial(left + index, rest) * loadPartial(right + index, rest)
        storePartial(result, output + index, rest)
    }
}

@inline(never) func scaleAdd(
    _ alpha: Float, _ input: FloatInput, _ beta: Float, _ output: FloatOutput, _ count: Int
) {
    let factor = splat(alpha)
    let keep = splat(beta)
    var index = 0
    if beta == 0 {
        while index + lanes <= count {
            store(load(input + index) * factor, output + index)
            index += lanes
        }
    } else {
        while index + lanes <= count {
            store(madd(load(output + index) * keep, factor, load(input + index)), output + index)
            index += lanes
        }
    }
    if index < count {
        let rest = count - index
        let kept = beta == 0 ? Vector.zero : loadPartial(output + index, rest) * keep
        storePartial(madd(kept, factor, loadPartial(input + index, rest)), output + index, rest)
    }
}

/// max(x, 0)
@inline(always) func reluValue(_ x: Vector) -> Vector { x.replacing(with: Vector.zero, where: x .< Vector.zero) }

/// The gradient where x > 0.
@inline(always) func reluSlope(_ x: Vector, _ dy: Vector) -> Vector {
    dy.replacing(with: Vector.zero, where: x .<= Vector.zero)
}

/// dy y (1 - y)
@inline(always) func sigmoidSlope(_ y: Vector, _ dy: Vector) -> Vector { dy * y * (splat(1) - y) }

@inline(never) func relu(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(reluValue(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        storePartial(reluValue(loadPartial(input + index, rest)), output + index, rest)
    }
}

@inline(never) func gelu(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(geluValue(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        storePartial(geluValue(loadPartial(input + index, rest)), output + index, rest)
    }
}

@inline(never) func sigmoid(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(sigmoidValue(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        storePartial(sigmoidValue(loadPartial(input + index, rest)), output + index, rest)
    }
}

@inline(never) func exp(_ input: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(exponential(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        storePartial(exponential(loadPartial(input + index, rest)), output + index, rest)
    }
}

@inline(never) func reluBackward(_ input: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(reluSlope(load(input + index), load(gradient + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = reluSlope(loadPartial(input + index, rest), loadPartial(gradient + index, rest))
        storePartial(result, output + index, rest)
    }
}

@inline(never) func geluBackward(_ input: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(load(gradient + index) * geluSlope(load(input + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = loadPartial(gradient + index, rest) * geluSlope(loadPartial(input + index, rest))
        storePartial(result, output + index, rest)
    }
}

@inline(never) func geluAndSlope(_ input: FloatInput, _ value: FloatOutput, _ slope: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        let both = geluValueAndSlope(load(input + index))
        store(both.value, value + index)
        store(both.slope, slope + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let both = geluValueAndSlope(loadPartial(input + index, rest))
        storePartial(both.value, value + index, rest)
        storePartial(both.slope, slope + index, rest)
    }
}

@inline(never) func sigmoidBackward(_ value: FloatInput, _ gradient: FloatInput, _ output: FloatOutput, _ count: Int) {
    var index = 0
    while index + lanes <= count {
        store(sigmoidSlope(load(value + index), load(gradient + index)), output + index)
        index += lanes
    }
    if index < count {
        let rest = count - index
        let result = sigmoidSlope(loadPartial(value + index, rest), loadPartial(gradient + index, rest))
        storePartial(result, output + index, rest)
    }
}
