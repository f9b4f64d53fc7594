internal import KernelABI

// Samples less 128, so that they compare as signed numbers: the older instructions know no others.
#if KERNEL_WIDE
    private typealias Samples = SIMD64<Int8>
    private typealias SampleWords = SIMD8<Int64>
#elseif KERNEL_FMA
    private typealias Samples = SIMD32<Int8>
    private typealias SampleWords = SIMD4<Int64>
#else
    private typealias Samples = SIMD16<Int8>
    private typealias SampleWords = SIMD2<Int64>
#endif

private typealias SampleInput = UnsafePointer<Int8>

@inline(always) private func samples(_ source: SampleInput) -> Samples {
    UnsafeRawPointer(source).loadUnaligned(as: Samples.self)
}

@inline(always) private func put(_ samples: Samples, _ target: UnsafeMutablePointer<Int8>) {
    UnsafeMutableRawPointer(target).storeBytes(of: samples, as: Samples.self)
}

/// Stores as many of a register's samples as there is room for, as bytes.
@inline(always) private func finish(_ medians: Samples, _ output: ByteOutput, _ room: Int) {
    let turned = medians &+ Samples(repeating: -128)
    if room >= Samples.scalarCount {
        UnsafeMutableRawPointer(output).storeBytes(of: turned, as: Samples.self)
        return
    }
    withUnsafeBytes(of: turned) { bytes in
        for index in 0..<room { output[index] = bytes[index] }
    }
}

/// -1 in each lane where `a` is below `b`, else 0.
@inline(always) private func below(_ a: Samples, _ b: Samples) -> Samples {
    unsafeBitCast(a .< b, to: Samples.self)
}

/// The lanes of `a` where `mask` is -1, and of `b` where it is 0. In words, as logic on so many lanes is no instruction but a
/// loop over them; the compiler makes the smaller and the larger of two of it.
@inline(always) private func chosen(_ a: Samples, _ b: Samples, _ mask: Samples) -> Samples {
    let words = unsafeBitCast(mask, to: SampleWords.self)
    return unsafeBitCast(
        (unsafeBitCast(a, to: SampleWords.self) & words) | (unsafeBitCast(b, to: SampleWords.self) & ~words),
        to: Samples.self)
}

@inline(always) private func smaller(_ a: Samples, _ b: Samples) -> Samples { chosen(a, b, below(a, b)) }
@inline(always) private func larger(_ a: Samples, _ b: Samples) -> Samples { chosen(b, a, below(a, b)) }

/// Puts the smaller of two first.
@inline(always) private func order(_ a: inout Samples, _ b: inout Samples) {
    let low = smaller(a, b)
    b = larger(a, b)
    a = low
}

@inline(always) private func order(_ a: inout Samples, _ b: inout Samples, _ c: inout Samples) {
    order(&a, &b)
    order(&b, &c)
    order(&a, &b)
}

@inline(always) private func order(
    _ a: inout Samples, _ b: inout Samples, _ c: inout Samples, _ d: inout Samples, _ e: inout Samples
) {
    order(&a, &d)
    order(&b, &e)
    order(&a, &c)
    order(&b, &d)
    order(&a, &b)
    order(&c, &e)
    order(&b, &c)
    order(&d, &e)
    order(&c, &d)
}

@inline(always) private func middle(_ a: Samples, _ b: Samples, _ c: Samples) -> Samples {
    larger(smaller(a, b), smaller(larger(a, b), c))
}

/// The median of three columns that are in order each.
@inline(always) private func middle(
    _ low: (Samples, Samples, Samples), _ between: (Samples, Samples, Samples), _ high: (Samples, Samples, Samples)
) -> Samples {
    middle(
        larger(larger(low.0, low.1), low.2), middle(between.0, between.1, between.2),
        smaller(smaller(high.0, high.1), high.2))
}

@inline(never) func medianLine(
    _ lines: UnsafePointer<Int8>, _ stride: Int, _ size: Int, _ count: Int, _ scratch: UnsafeMutablePointer<Int8>,
    _ output: ByteOutput
) {
    if size == 3 {
        medianOfNine(lines, stride, count, scratch, output)
    } else if size == 5 {
        medianOfTwentyFive(lines, stride, count, scratch, output)
    } else {
        medianByBits(lines, stride, size, count, output)
    }
}

/// Columns are put in order once and used by the three places that they belong to.
@inline(always) private func medianOfNine(
    _ lines: UnsafePointer<Int8>, _ stride: Int, _ count: Int, _ scratch: UnsafeMutablePointer<Int8>,
    _ output: ByteOutput
) {
    let (low, between, high) = (scratch, scratch + stride, scratch + 2 &* stride)
    var index = 0
    while index < count &+ 6 {
        var a = samples(lines + index)
        var b = samples(lines + stride + index)
        var c = samples(lines + 2 &* stride + index)
        order(&a, &b, &c)
        put(a, low + index)
        put(b, between + index)
        put(c, high + index)
        index &+= Samples.scalarCount
    }
    index = 0
    while index < count {
        let (l, b, h) = (low + index, between + index, high + index)
        let median = middle(
            (samples(l), samples(l + 3), samples(l + 6)), (samples(b), samples(b + 3), samples(b + 6)),
            (samples(h), samples(h + 3), samples(h + 6)))
        finish(median, output + index, count &- index)
        index &+= Samples.scalarCount
    }
}

/// Columns are put in order once and used by the five places that they belong to. With the lines across them in order as
/// well, all but thirteen of the 25 have too many below or above them; of these thirteen, the two smallest and the two
/// largest go for the same reason.
@inline(always) private func medianOfTwentyFive(
    _ lines: UnsafePointer<Int8>, _ stride: Int, _ count: Int, _ scratch: UnsafeMutablePointer<Int8>,
    _ output: ByteOutput
) {
    var index = 0
    while index < count &+ 12 {
        var a = samples(lines + index)
        var b = samples(lines + stride + index)
        var c = samples(lines + 2 &* stride + index)
        var d = samples(lines + 3 &* stride + index)
        var e = samples(lines + 4 &* stride + index)
        order(&a, &b, &c, &d, &e)
        put(a, scratch + index)
        put(b, scratch + stride + index)
        put(c, scratch + 2 &* stride + index)
        put(d, scratch + 3 &* stride + index)
        put(e, scratch + 4 &* stride + index)
        index &+= Samples.scalarCount
    }
    index = 0
    while index < count {
        // What is not used of a line's order costs nothing: the compiler leaves it out.
        let first = scratch + index
        var (a0, a1, a2, a3, a4) = five(first)
        order(&a0, &a1, &a2, &a3, &a4)
        var (b0, b1, b2, b3, b4) = five(first + stride)
        order(&b0, &b1, &b2, &b3, &b4)
        var (c0, c1, c2, c3, c4) = five(first + 2 &* stride)
        order(&c0, &c1, &c2, &c3, &c4)
        var (d0, d1, d2, d3, d4) = five(first + 3 &* stride)
        order(&d0, &d1, &d2, &d3, &d4)
        var (e0, e1, e2, e3, e4) = five(first + 4 &* stride)
        order(&e0, &e1, &e2, &e3, &e4)
        // Of a3, b2, c1 and d0 the upper two, of b4, c3, d2 and e1 the lower two.
        order(&a3, &b2)
        order(&c1, &d0)
        order(&b4, &c3)
        order(&d2, &e1)
        let upper = larger(larger(a3, c1), smaller(b2, d0))
        let uppermost = larger(b2, d0)
        let lower = smaller(smaller(c3, e1), larger(b4, d2))
        let lowermost = smaller(b4, d2)
        var (p, q, r) = (upper, uppermost, lower)
        var (s, t, u) = (lowermost, a4, b3)
        var (v, w, x) = (c2, d1, e0)
        order(&p, &q, &r)
        order(&s, &t, &u)
        order(&v, &w, &x)
        finish(middle((p, s, v), (q, t, w), (r, u, x)), output + index, count &- index)
        index &+= Samples.scalarCount
    }
}

@inline(always) private func five(_ source: SampleInput) -> (Samples, Samples, Samples, Samples, Samples) {
    (samples(source), samples(source + 3), samples(source + 6), samples(source + 9), samples(source + 12))
}

/// Finds the medians bit by bit: as many samples as half of them lie below it at most. Two registers at a time, so that one
/// counts while the other is loaded.
@inline(always) private func medianByBits(
    _ lines: UnsafePointer<Int8>, _ stride: Int, _ size: Int, _ count: Int, _ output: ByteOutput
) {
    // Counts are of at most 15 x 15: less 128, as samples are, they fit.
    let start = Samples(repeating: -128)
    let half = start &+ Samples(repeating: Int8(truncatingIfNeeded: size &* size / 2))
    let width = Samples.scalarCount
    var index = 0
    while index < count {
        var (first, second) = (start, start)
        var bit = 128
        while bit > 0 {
            let step = Samples(repeating: Int8(truncatingIfNeeded: bit))
            // With the top bit, -128 and -128 are 0.
            let (tryFirst, trySecond) = (first &+ step, second &+ step)
            var (belowFirst, belowSecond) = (start, start)
            var line = lines + index
            for _ in 0..<size {
                var place = line
                for _ in 0..<size {
                    belowFirst &-= below(samples(place), tryFirst)
                    belowSecond &-= below(samples(place + width), trySecond)
                    place += 3
                }
                line += stride
            }
            first = chosen(first, tryFirst, below(half, belowFirst))
            second = chosen(second, trySecond, below(half, belowSecond))
            bit &>>= 1
        }
        finish(first, output + index, count &- index)
        if count &- index > width { finish(second, output + index + width, count &- index &- width) }
        index &+= 2 &* width
    }
}
