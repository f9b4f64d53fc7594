internal import KernelABI

// Planes of samples of 16 bits, three of them behind the point: 0...2040. Plain loops, which the compiler turns into
// vectors of such samples, and the products into the instruction for the upper half of a product.

private let full: Int16 = 2040

/// `value factor / 4096` for |value| of at most 2047.
@inline(always) private func product(_ value: Int16, _ factor: Int16) -> Int16 {
    Int16(truncatingIfNeeded: (Int32(value &<< 4) &* Int32(factor)) &>> 16)
}

@inline(always) private func larger(_ a: Int16, _ b: Int16) -> Int16 { a > b ? a : b }
@inline(always) private func smaller(_ a: Int16, _ b: Int16) -> Int16 { a < b ? a : b }
@inline(always) private func bounded(_ value: Int16) -> Int16 { smaller(larger(value, 0), full) }

@inline(never) func splitPixels(
    _ pixels: ByteInput, _ count: Int, _ planes: UnsafeMutablePointer<Int16>, _ stride: Int
) {
    let (red, green, blue) = (planes, planes + stride, planes + 2 &* stride)
    for index in 0..<count {
        red[index] = Int16(pixels[3 &* index]) &<< 3
        green[index] = Int16(pixels[3 &* index &+ 1]) &<< 3
        blue[index] = Int16(pixels[3 &* index &+ 2]) &<< 3
    }
}

@inline(never) func joinPixels(
    _ planes: UnsafePointer<Int16>, _ stride: Int, _ count: Int, _ pixels: ByteOutput
) {
    let (red, green, blue) = (planes, planes + stride, planes + 2 &* stride)
    for index in 0..<count {
        pixels[3 &* index] = UInt8(truncatingIfNeeded: (red[index] &+ 4) &>> 3)
        pixels[3 &* index &+ 1] = UInt8(truncatingIfNeeded: (green[index] &+ 4) &>> 3)
        pixels[3 &* index &+ 2] = UInt8(truncatingIfNeeded: (blue[index] &+ 4) &>> 3)
    }
}

@inline(never) func scaleSamples(
    _ values: UnsafeMutablePointer<Int16>, _ count: Int, _ factor: Int16, _ offset: Int16
) {
    var index = 0
    while index < count {
        let value = product(values[index], factor) &+ offset
        values[index] = smaller(larger(value, 0), full)
        index &+= 1
    }
}

@inline(never) func saturatePixels(
    _ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ factor: Int16
) {
    let (red, green, blue) = (planes, planes + stride, planes + 2 &* stride)
    for index in 0..<count {
        let (r, g, b) = (red[index], green[index], blue[index])
        // 0.299, 0.587 and 0.114 of ITU-R BT.601, in parts of 4096.
        let grey = product(r, 1225) &+ product(g, 2404) &+ product(b, 467)
        red[index] = bounded(grey &+ product(r &- grey, factor))
        green[index] = bounded(grey &+ product(g &- grey, factor))
        blue[index] = bounded(grey &+ product(b &- grey, factor))
    }
}

/// One channel of a colour with its largest sample `top` and chroma `c`; `k` is its place on the circle, times c.
@inline(always) private func channel(_ k: Int16, _ c: Int16, _ circle: Int16, _ top: Int16) -> Int16 {
    let place = k >= circle ? k &- circle : k
    let rise = smaller(place, 4 &* c &- place)
    return top &- smaller(larger(rise, 0), c)
}

@inline(never) func turnHue(
    _ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ shift: Int16
) {
    let (red, green, blue) = (planes, planes + stride, planes + 2 &* stride)
    for index in 0..<count {
        let (r, g, b) = (red[index], green[index], blue[index])
        let top = larger(r, larger(g, b))
        // Hue is kept times chroma, so that nothing is divided: -c ..< 5 c before the turn, at most 11 c after it.
        let c = top &- smaller(r, smaller(g, b))
        let circle = 6 &* c
        let fromGreen = 2 &* c &+ b &- r
        let fromBlue = 4 &* c &+ r &- g
        var hue = top == r ? g &- b : (top == g ? fromGreen : fromBlue)
        hue = hue &+ product(c, shift)
        hue = hue < 0 ? hue &+ circle : hue
        hue = hue >= circle ? hue &- circle : hue
        red[index] = channel(hue &+ 5 &* c, c, circle, top)
        green[index] = channel(hue &+ 3 &* c, c, circle, top)
        blue[index] = channel(hue &+ c, c, circle, top)
    }
}

@inline(always) private func larger(_ a: Float, _ b: Float) -> Float { a > b ? a : b }
@inline(always) private func smaller(_ a: Float, _ b: Float) -> Float { a < b ? a : b }

/// One channel of a colour: `top - chroma · max(0, min(k, 4 - k, 1))`, k its place on the circle, -1 ..< 16.
@inline(always) private func channel(_ place: Float, _ top: Float, _ chroma: Float) -> Int16 {
    var k = place < 0 ? place + 6 : place
    k = k >= 12 ? k - 6 : k
    k = k >= 6 ? k - 6 : k
    let rise = larger(0, smaller(smaller(k, 4 - k), 1))
    return Int16(truncatingIfNeeded: Int32(top - chroma * rise + 0.5))
}

@inline(never) func shiftHSV(
    _ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ hue: Float, _ saturation: Float,
    _ value: Float
) {
    let (reds, greens, blues) = (planes, planes + stride, planes + 2 &* stride)
    let full: Float = 2040
    for index in 0..<count {
        let (red, green, blue) = (Float(reds[index]), Float(greens[index]), Float(blues[index]))
        let top = larger(red, larger(green, blue))
        let chroma = top - smaller(red, smaller(green, blue))
        let newTop = smaller(full, larger(0, top + value * full))
        // Grey has no hue: whatever is divided by a chroma of 1 there is taken times 0.
        let isGrey = chroma == 0
        let unit = 1 / (isGrey ? 1 : chroma)
        let share = smaller(1, larger(0, chroma / (top == 0 ? 1 : top) + saturation))
        let newChroma = isGrey ? 0 : share * newTop
        let fromRed = (green - blue) * unit
        let fromGreen = 2 + (blue - red) * unit
        let fromBlue = 4 + (red - green) * unit
        let turn = hue + (top == red ? fromRed : (top == green ? fromGreen : fromBlue))
        reds[index] = channel(turn + 5, newTop, newChroma)
        greens[index] = channel(turn + 3, newTop, newChroma)
        blues[index] = channel(turn + 1, newTop, newChroma)
    }
}
