internal import KernelABI

/// Draws stretches of a warped image.
struct BilinearSampler {
    /// [height, width, 3] bytes.
    let source: UnsafePointer<UInt8>
    let height: Int
    let width: Int
    /// Of the source that may be looked at.
    let rows: Range<Int>
    let columns: Range<Int>
    /// The colour of what lies outside of them.
    let fill: RGBColour
    let kernels: PixelKernels

    private static let one = 1 << 16

    /// Draws a stretch at `out`: the inside by the kernel, the pixels that touch the border one by one.
    func draw(_ stretch: WarpStretch, into out: UnsafeMutablePointer<UInt8>) {
        let count = stretch.columns.count
        guard var line = stretch.fixed(bits: 16) else { return paint(out, 0..<count) }
        // Shares are cut off to 1/128; half of that makes it rounding.
        line.x += 1 << 8
        line.y += 1 << 8
        let one = Self.one
        // Most stretches are all inside, which their ends tell: no divisions for them.
        let (lastX, lastY) = (line.x + (count - 1) * line.dx, line.y + (count - 1) * line.dy)
        let (lowX, highX) = (columns.lowerBound * one, min(columns.upperBound - 1, width - 2) * one)
        let (lowY, highY) = (rows.lowerBound * one, (rows.upperBound - 1) * one)
        if min(line.x, lastX) >= lowX && max(line.x, lastX) < highX && min(line.y, lastY) >= lowY
            && max(line.y, lastY) < highY
        {
            kernels.bilinearLine(source, width * 3, line.x, line.y, line.dx, line.dy, count, out)
            return
        }
        func steps(_ lowX: Int, _ highX: Int, _ lowY: Int, _ highY: Int) -> Range<Int> {
            let across = WarpStretch.steps(place: line.x, step: line.dx, from: lowX, to: highX, count: count)
            let down = WarpStretch.steps(place: line.y, step: line.dy, from: lowY, to: highY, count: count)
            let (first, end) = (max(across.lowerBound, down.lowerBound), min(across.upperBound, down.upperBound))
            return first < end ? first..<end : 0..<0
        }
        // Any of the four pixels around the place is inside.
        let touched = steps(
            (columns.lowerBound - 1) * one + 1, columns.upperBound * one, (rows.lowerBound - 1) * one + 1,
            rows.upperBound * one)
        // All four are, and the kernel may read two and a half pixels.
        var inside = steps(lowX, highX, lowY, highY)
        if inside.isEmpty { inside = touched.upperBound..<touched.upperBound }
        paint(out, 0..<touched.lowerBound)
        for step in touched.lowerBound..<inside.lowerBound {
            blend(line.x + step * line.dx, line.y + step * line.dy, out + 3 * step)
        }
        if !inside.isEmpty {
            let first = inside.lowerBound
            kernels.bilinearLine(
                source, width * 3, line.x + first * line.dx, line.y + first * line.dy, line.dx, line.dy, inside.count,
                out + 3 * first)
        }
        for step in inside.upperBound..<touched.upperBound {
            blend(line.x + step * line.dx, line.y + step * line.dy, out + 3 * step)
        }
        paint(out, touched.upperBound..<count)
    }

    private func paint(_ out: UnsafeMutablePointer<UInt8>, _ steps: Range<Int>) {
        for step in steps {
            out[3 * step] = fill.red
            out[3 * step + 1] = fill.green
            out[3 * step + 2] = fill.blue
        }
    }

    /// The kernel's arithmetic for one pixel, with the fill in place of pixels that are outside.
    private func blend(_ x: Int, _ y: Int, _ out: UnsafeMutablePointer<UInt8>) {
        let (column, row) = (x >> 16, y >> 16)
        let (shareX, shareY) = ((x >> 9) & 127, (y >> 9) & 127)
        for channel in 0..<3 {
            let outside = channel == 0 ? fill.red : channel == 1 ? fill.green : fill.blue
            func sample(_ row: Int, _ column: Int) -> Int {
                rows.contains(row) && columns.contains(column)
                    ? Int(source[(row * width + column) * 3 + channel]) : Int(outside)
            }
            func mix(_ a: Int, _ b: Int, _ share: Int) -> Int { (a * (128 - share) + b * share + 64) >> 7 }
            let left = mix(sample(row, column), sample(row + 1, column), shareY)
            let right = mix(sample(row, column + 1), sample(row + 1, column + 1), shareY)
            out[channel] = UInt8(mix(left, right, shareX))
        }
    }
}
