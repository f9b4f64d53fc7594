internal import KernelABI

// No `madd` here: parity with the reference's masks holds to the bit only where products are rounded.

@inline(never) func spreadLine(
    _ source: FloatInput, _ first: UnsafePointer<Int32>, _ second: UnsafePointer<Int32>, _ weight: FloatInput,
    _ count: Int, _ channels: Int, _ output: FloatOutput
) {
    if channels == 1 {
        for pixel in 0..<count {
            let share = weight[pixel]
            output[pixel] = source[Int(first[pixel])] * (1 - share) + source[Int(second[pixel])] * share
        }
        return
    }
    for pixel in 0..<count {
        blendLines(
            source + Int(first[pixel]), source + Int(second[pixel]), weight[pixel], channels,
            output + pixel * channels)
    }
}

@inline(never) func blendLines(
    _ upper: FloatInput, _ lower: FloatInput, _ weight: Float, _ count: Int, _ output: FloatOutput
) {
    let (keep, share) = (splat(1 - weight), splat(weight))
    var index = 0
    while index + lanes <= count {
        store(load(upper + index) * keep + load(lower + index) * share, output + index)
        index += lanes
    }
    while index < count {
        output[index] = upper[index] * (1 - weight) + lower[index] * weight
        index += 1
    }
}
