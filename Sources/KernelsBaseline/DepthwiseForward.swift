internal import KernelABI

// Every output element is one chain: the bias, then the taps inside the picture by lines and columns, in the middle of a
// line as at its ends, so that where a tile begins changes nothing.

/// One line of a depthwise convolution; see ``DepthwiseLine``. Four pixels at a time in the middle, so that a register of
/// weights is used four times and one of the input up to three times.
@inline(never) func depthwiseLine(_ call: DepthwiseLine) {
    let last = call.width - 2
    var column = call.firstColumn
    while column < call.endColumn {
        let isWhole =
            column > 0 && column + 4 <= call.endColumn && (column + 3) * call.stride <= last && call.channels >= lanes
        if isWhole {
            var channel = 0
            while channel < call.channels {
                // The last register overlaps the one before: its values are computed twice.
                let start = min(channel, call.channels - lanes)
                if call.stride == 1 { fourNeighbours(call, column, start) } else { fourSecond(call, column, start) }
                channel += lanes
            }
            column += 4
        } else {
            var channel = 0
            while channel < call.channels {
                onePixel(call, column, channel, min(lanes, call.channels - channel))
                channel += lanes
            }
            column += 1
        }
    }
}

/// The activation of one register.
@_transparent func activated(_ value: Vector, _ activation: Activation) -> Vector {
    switch activation {
    case .identity: value
    case .relu: reluValue(value)
    case .gelu: geluValue(value)
    }
}

/// Four output pixels side by side at stride 1: six of each input line.
@inline(__always) func fourNeighbours(_ call: DepthwiseLine, _ column: Int, _ channel: Int) {
    let step = call.channels
    let start = call.bias.map { load($0 + channel) } ?? Vector.zero
    var (s0, s1, s2, s3) = (start, start, start, start)
    var x = call.input + (column - 1) * step + channel
    var w = call.weight + channel
    for _ in 0..<call.lines {
        let (w0, w1, w2) = (load(w), load(w + step), load(w + 2 * step))
        var v = load(x)
        s0 = madd(s0, v, w0)
        v = load(x + step)
        s0 = madd(s0, v, w1)
        s1 = madd(s1, v, w0)
        v = load(x + 2 * step)
        s0 = madd(s0, v, w2)
        s1 = madd(s1, v, w1)
        s2 = madd(s2, v, w0)
        v = load(x + 3 * step)
        s1 = madd(s1, v, w2)
        s2 = madd(s2, v, w1)
        s3 = madd(s3, v, w0)
        v = load(x + 4 * step)
        s2 = madd(s2, v, w2)
        s3 = madd(s3, v, w1)
        s3 = madd(s3, load(x + 5 * step), w2)
        x += call.linePitch
        w += 3 * step
    }
    let y = call.output + column * step + channel
    store(activated(s0, call.activation), y)
    store(activated(s1, call.activation), y + step)
    store(activated(s2, call.activation), y + 2 * step)
    store(activated(s3, call.activation), y + 3 * step)
}

/// Four output pixels side by side at stride 2: nine of each input line.
@inline(__always) func fourSecond(_ call: DepthwiseLine, _ column: Int, _ channel: Int) {
    let step = call.channels
    let start = call.bias.map { load($0 + channel) } ?? Vector.zero
    var (s0, s1, s2, s3) = (start, start, start, start)
    var x = call.input + (2 * column - 1) * step + channel
    var w = call.weight + channel
    for _ in 0..<call.lines {
        let (w0, w1, w2) = (load(w), load(w + step), load(w + 2 * step))
        s0 = madd(s0, load(x), w0)
        s0 = madd(s0, load(x + step), w1)
        var v = load(x + 2 * step)
        s0 = madd(s0, v, w2)
        s1 = madd(s1, v, w0)
        s1 = madd(s1, load(x + 3 * step), w1)
        v = load(x + 4 * step)
        s1 = madd(s1, v, w2)
        s2 = madd(s2, v, w0)
        s2 = madd(s2, load(x + 5 * step), w1)
        v = load(x + 6 * step)
        s2 = madd(s2, v, w2)
        s3 = madd(s3, v, w0)
        s3 = madd(s3, load(x + 7 * step), w1)
        s3 = madd(s3, load(x + 8 * step), w2)
        x += call.linePitch
        w += 3 * step
    }
    let y = call.output + column * step + channel
    store(activated(s0, call.activation), y)
    store(activated(s1, call.activation), y + step)
    store(activated(s2, call.activation), y + 2 * step)
    store(activated(s3, call.activation), y + 3 * step)
}

/// One output pixel, anywhere: `count` of its channels.
@inline(__always) func onePixel(_ call: DepthwiseLine, _ column: Int, _ channel: Int, _ count: Int) {
    let step = call.channels
    let left = column * call.stride - 1
    let first = max(0, -left)
    let end = min(3, call.width - left)
    var sum = Vector.zero
    if let bias = call.bias { sum = loadSome(bias + channel, count) }
    for line in 0..<call.lines {
        let x = call.input + line * call.linePitch + left * step + channel
        let w = call.weight + 3 * line * step + channel
        for tap in first..<end { sum = madd(sum, loadSome(x + tap * step, count), loadSome(w + tap * step, count)) }
    }
    storeSome(activated(sum, call.activation), call.output + column * step + channel, count)
}
