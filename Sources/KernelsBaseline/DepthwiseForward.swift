internal import KernelABI

// Every output element is one chain: the bias, then the taps by lines and columns, in the middle of a line as at its ends,
// so that where a tile begins changes nothing.

/// One line of a depthwise convolution; see ``DepthwiseLine``. Four pixels at a time in the middle, so that a register of
/// weights is used four times and one of the input up to three times; where fewer are left, some are computed twice.
@inline(never) func depthwiseLine(_ call: DepthwiseLine) {
    let inside = max(call.firstColumn, 1)
    // The last column whose right tap lies inside the picture, plus one.
    let end = max(inside, min(call.endColumn, (call.width - 2) / call.stride + 1))
    if call.firstColumn == 0 { depthwisePixel(call, 0) }
    var column = inside
    if call.channels >= lanes && end - inside >= 4 {
        while column < end {
            let start = min(column, end - 4)
            if call.stride == 1 { depthwiseFour(call, start) } else { depthwiseFourSecond(call, start) }
            column += 4
        }
        column = end
    }
    while column < call.endColumn {
        depthwisePixel(call, column)
        column += 1
    }
}

/// Applies an activation to values that were just stored: a switch on registers in the middle of a loop makes the compiler
/// split them.
@inline(__always) func activate(_ values: FloatOutput, _ count: Int, _ activation: Activation) {
    switch activation {
    case .identity: break
    case .relu: relu(FloatInput(values), values, count)
    case .gelu: gelu(FloatInput(values), values, count)
    }
}

/// Adds the three taps of an input line to four output pixels side by side at stride 1: six input pixels.
@_transparent func addLine(
    _ x: FloatInput, _ w: FloatInput, _ step: Int, _ s0: inout Vector, _ s1: inout Vector, _ s2: inout Vector,
    _ s3: inout Vector
) {
    let (w0, w1, w2) = (load(w), load(w + step), load(w + 2 * step))
    let far = x + 3 * step
    let (x1, x2, x3, x4) = (load(x + step), load(x + 2 * step), load(far), load(far + step))
    s0 = madd(madd(madd(s0, load(x), w0), x1, w1), x2, w2)
    s1 = madd(madd(madd(s1, x1, w0), x2, w1), x3, w2)
    s2 = madd(madd(madd(s2, x2, w0), x3, w1), x4, w2)
    s3 = madd(madd(madd(s3, x3, w0), x4, w1), load(far + 2 * step), w2)
}

/// The same at stride 2: nine input pixels.
@_transparent func addSecondLine(
    _ x: FloatInput, _ w: FloatInput, _ step: Int, _ s0: inout Vector, _ s1: inout Vector, _ s2: inout Vector,
    _ s3: inout Vector
) {
    let (w0, w1, w2) = (load(w), load(w + step), load(w + 2 * step))
    let (near, far) = (x + 3 * step, x + 6 * step)
    let (x2, x4, x6) = (load(x + 2 * step), load(near + step), load(far))
    s0 = madd(madd(madd(s0, load(x), w0), load(x + step), w1), x2, w2)
    s1 = madd(madd(madd(s1, x2, w0), load(near), w1), x4, w2)
    s2 = madd(madd(madd(s2, x4, w0), load(near + 2 * step), w1), x6, w2)
    s3 = madd(madd(madd(s3, x6, w0), load(far + step), w1), load(far + 2 * step), w2)
}

/// Four output pixels side by side at stride 1, all channels.
@inline(never) func depthwiseFour(_ call: DepthwiseLine, _ column: Int) {
    let step = call.channels
    let left = (column - 1) * step
    let (above, middle, below) = (call.above + left, call.middle + left, call.below + left)
    let (weight, output, bias) = (call.weight, call.output + column * step, call.bias)
    var channel = 0
    while channel < step {
        // The last register overlaps the one before: its values are computed twice.
        let start = min(channel, step - lanes)
        var s0 = load(bias + start)
        var (s1, s2, s3) = (s0, s0, s0)
        addLine(above + start, weight + start, step, &s0, &s1, &s2, &s3)
        addLine(middle + start, weight + 3 * step + start, step, &s0, &s1, &s2, &s3)
        addLine(below + start, weight + 6 * step + start, step, &s0, &s1, &s2, &s3)
        let y = output + start
        store(s0, y)
        store(s1, y + step)
        store(s2, y + 2 * step)
        store(s3, y + 3 * step)
        channel += lanes
    }
    activate(output, 4 * step, call.activation)
}

/// Four output pixels side by side at stride 2, all channels.
@inline(never) func depthwiseFourSecond(_ call: DepthwiseLine, _ column: Int) {
    let step = call.channels
    let left = (2 * column - 1) * step
    let (above, middle, below) = (call.above + left, call.middle + left, call.below + left)
    let (weight, output, bias) = (call.weight, call.output + column * step, call.bias)
    var channel = 0
    while channel < step {
        let start = min(channel, step - lanes)
        var s0 = load(bias + start)
        var (s1, s2, s3) = (s0, s0, s0)
        addSecondLine(above + start, weight + start, step, &s0, &s1, &s2, &s3)
        addSecondLine(middle + start, weight + 3 * step + start, step, &s0, &s1, &s2, &s3)
        addSecondLine(below + start, weight + 6 * step + start, step, &s0, &s1, &s2, &s3)
        let y = output + start
        store(s0, y)
        store(s1, y + step)
        store(s2, y + 2 * step)
        store(s3, y + 3 * step)
        channel += lanes
    }
    activate(output, 4 * step, call.activation)
}

/// One output pixel, anywhere, all channels.
@inline(never) func depthwisePixel(_ call: DepthwiseLine, _ column: Int) {
    let step = call.channels
    let left = column * call.stride - 1
    let first = max(0, -left)
    let end = min(3, call.width - left)
    var channel = 0
    while channel < step {
        let count = min(lanes, step - channel)
        var sum = loadSome(call.bias + channel, count)
        for line in 0..<3 {
            let x = (line == 0 ? call.above : line == 1 ? call.middle : call.below) + left * step + channel
            let w = call.weight + 3 * line * step + channel
            for tap in first..<end { sum = madd(sum, loadSome(x + tap * step, count), loadSome(w + tap * step, count)) }
        }
        storeSome(sum, call.output + column * step + channel, count)
        channel += lanes
    }
    activate(call.output + column * step, step, call.activation)
}
