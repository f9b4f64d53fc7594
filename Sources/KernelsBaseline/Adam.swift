internal import KernelABI

@inline(never) func adamW(_ pass: AdamPass) { adamPass(pass) { gradient, _ in gradient } }

@inline(never) func adam(_ pass: AdamPass) {
    adamPass(pass) { gradient, value in madd(gradient, value, splat(pass.coupledDecay)) }
}

/// - Parameter couple: what becomes of a scaled gradient and its weight.
@inline(__always) func adamPass(_ pass: AdamPass, _ couple: (Vector, Vector) -> Vector) {
    var index = 0
    while index + lanes <= pass.count {
        adamStep(pass, { load($0 + index) }, { store($0, $1 + index) }, couple)
        index += lanes
    }
    if index < pass.count {
        let rest = pass.count - index
        adamStep(pass, { loadPartial($0 + index, rest) }, { storePartial($0, $1 + index, rest) }, couple)
    }
}

@inline(__always) func adamStep(
    _ pass: AdamPass, _ get: (FloatInput) -> Vector, _ put: (Vector, FloatOutput) -> Void,
    _ couple: (Vector, Vector) -> Vector
) {
    let value = get(FloatInput(pass.value))
    let gradient = couple(get(pass.gradient) * splat(pass.gradientScale), value)
    let first = madd(get(FloatInput(pass.firstMoment)) * splat(pass.beta1), gradient, splat(1 - pass.beta1))
    let second = madd(
        get(FloatInput(pass.secondMoment)) * splat(pass.beta2), gradient * gradient, splat(1 - pass.beta2))
    put(first, pass.firstMoment)
    put(second, pass.secondMoment)
    let deviation = madd(splat(pass.epsilon), second.squareRoot(), splat(pass.secondMomentScale))
    put(value * splat(pass.decay) - splat(pass.stepSize) * first / deviation, pass.value)
}
