internal import KernelABI

/// One line of the input's gradient at stride 2; see ``DepthwiseSpread``. An even pixel flowed to one output pixel of each
/// line, through the middle tap; an odd one to two, through the right and the left one.
@inline(never) func depthwiseSpread(_ call: DepthwiseSpread) {
    let step = call.channels
    for column in 0..<call.gradientWidth {
        let hasOdd = 2 * column + 1 < call.width
        let hasNext = column + 1 < call.gradientWidth
        var channel = 0
        while channel < step {
            let count = min(lanes, step - channel)
            var even = Vector.zero
            var odd = Vector.zero
            var dy = call.gradient + column * step + channel
            var w = call.weight + channel
            for _ in 0..<call.lines {
                let own = loadSome(dy, count)
                even = madd(even, own, loadSome(w + step, count))
                odd = madd(odd, own, loadSome(w + 2 * step, count))
                if hasNext { odd = madd(odd, loadSome(dy + step, count), loadSome(w, count)) }
                dy += call.gradientWidth * step
                w += call.weightPitch
            }
            let dx = call.output + 2 * column * step + channel
            storeSome(even, dx, count)
            if hasOdd { storeSome(odd, dx + step, count) }
            channel += lanes
        }
    }
}

/// A line's part in the weight's gradient; see ``DepthwiseSums``. The ten sums of a register of channels stay in registers
/// along the line.
@inline(never) func depthwiseSums(_ call: DepthwiseSums) {
    let step = call.channels
    let inside = max(call.firstColumn, 1)
    // The last column whose right tap lies inside the picture, plus one.
    let end = max(inside, min(call.endColumn, (call.width - 2) / call.stride + 1))
    var channel = 0
    while channel < step {
        let count = min(lanes, step - channel)
        if call.firstColumn == 0 { addTaps(call, 0, channel, count) }
        if count == lanes && inside < end {
            addInside(call, inside..<end, channel)
        } else {
            for column in inside..<end { addTaps(call, column, channel, count) }
        }
        for column in end..<max(end, call.endColumn) { addTaps(call, column, channel, count) }
        channel += lanes
    }
}

/// Columns with all taps inside the picture, a whole register of channels.
@inline(__always) func addInside(_ call: DepthwiseSums, _ columns: Range<Int>, _ channel: Int) {
    let step = call.channels
    let left = (columns.lowerBound * call.stride - 1) * step + channel
    var (a, m, b) = (call.above + left, call.middle + left, call.below + left)
    var dy = call.gradient + columns.lowerBound * step + channel
    var (a0, a1, a2) = (Vector.zero, Vector.zero, Vector.zero)
    var (m0, m1, m2) = (Vector.zero, Vector.zero, Vector.zero)
    var (b0, b1, b2) = (Vector.zero, Vector.zero, Vector.zero)
    var total = Vector.zero
    for _ in 0..<columns.count {
        let g = load(dy)
        a0 = madd(a0, g, load(a))
        a1 = madd(a1, g, load(a + step))
        a2 = madd(a2, g, load(a + 2 * step))
        m0 = madd(m0, g, load(m))
        m1 = madd(m1, g, load(m + step))
        m2 = madd(m2, g, load(m + 2 * step))
        b0 = madd(b0, g, load(b))
        b1 = madd(b1, g, load(b + step))
        b2 = madd(b2, g, load(b + 2 * step))
        total += g
        dy += step
        a += call.stride * step
        m += call.stride * step
        b += call.stride * step
    }
    let sums = call.sums + channel
    store(load(sums) + a0, sums)
    store(load(sums + step) + a1, sums + step)
    store(load(sums + 2 * step) + a2, sums + 2 * step)
    store(load(sums + 3 * step) + m0, sums + 3 * step)
    store(load(sums + 4 * step) + m1, sums + 4 * step)
    store(load(sums + 5 * step) + m2, sums + 5 * step)
    store(load(sums + 6 * step) + b0, sums + 6 * step)
    store(load(sums + 7 * step) + b1, sums + 7 * step)
    store(load(sums + 8 * step) + b2, sums + 8 * step)
    store(load(sums + 9 * step) + total, sums + 9 * step)
}

/// One column anywhere, any number of channels.
@inline(__always) func addTaps(_ call: DepthwiseSums, _ column: Int, _ channel: Int, _ count: Int) {
    let step = call.channels
    let g = loadSome(call.gradient + column * step + channel, count)
    let left = column * call.stride - 1
    for tap in 0..<9 {
        let place = left + tap % 3
        if place < 0 || place >= call.width { continue }
        let line = tap < 3 ? call.above : tap < 6 ? call.middle : call.below
        let sum = call.sums + tap * step + channel
        storeSome(madd(loadSome(sum, count), g, loadSome(line + place * step + channel, count)), sum, count)
    }
    let sum = call.sums + 9 * step + channel
    storeSome(loadSome(sum, count) + g, sum, count)
}
