internal import KernelABI

@inline(never) func adamW(_ pass: AdamWPass) {
    var index = 0
    while index + lanes <= pass.count {
        adamWStep(pass, index, { load($0 + index) }, { store($0, $1 + index) })
        index += lanes
    }
    if index < pass.count {
        let rest = pass.count - index
        adamWStep(pass, index, { loadPartial($0 + index, rest) }, { storePartial($0, $1 + index, rest) })
    }
}

@inline(__always) func adamWStep(
    _ pass: AdamWPass, _ index: Int, _ get: (FloatInput) -> Vector, _ put: (Vector, FloatOutput) -> Void
) {
    let gradient = get(pass.gradient) * splat(pass.gradientScale)
    let first = madd(get(FloatInput(pass.firstMoment)) * splat(pass.beta1), gradient, splat(1 - pass.beta1))
    let second = madd(
        get(FloatInput(pass.secondMoment)) * splat(pass.beta2), gradient * gradient, splat(1 - pass.beta2))
    put(first, pass.firstMoment)
    put(second, pass.secondMoment)
    let deviation = madd(splat(pass.epsilon), second.squareRoot(), splat(pass.secondMomentScale))
    put(get(FloatInput(pass.value)) * splat(pass.decay) - splat(pass.stepSize) * first / deviation, pass.value)
}
