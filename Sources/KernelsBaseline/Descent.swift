internal import KernelABI

@inline(never) func descent(_ pass: DescentPass) {
    var index = 0
    while index + lanes <= pass.count {
        descentStep(pass, { load($0 + index) }, { store($0, $1 + index) })
        index += lanes
    }
    if index < pass.count {
        let rest = pass.count - index
        descentStep(pass, { loadPartial($0 + index, rest) }, { storePartial($0, $1 + index, rest) })
    }
}

@inline(__always) func descentStep(
    _ pass: DescentPass, _ get: (FloatInput) -> Vector, _ put: (Vector, FloatOutput) -> Void
) {
    let value = get(FloatInput(pass.value))
    var direction = madd(get(pass.gradient) * splat(pass.gradientScale), value, splat(pass.decay))
    if let kept = pass.direction {
        direction = madd(direction, get(FloatInput(kept)), splat(pass.keep))
        put(direction, kept)
    }
    put(madd(value, direction, splat(-pass.rate)), pass.value)
}
