/// Where the pixels of a warped image come from: lines of the result as straight stretches through the source.
package protocol PixelWarp: Sendable {
    /// Rows of the result.
    var height: Int { get }
    /// Columns of the result.
    var width: Int { get }

    /// Calls `body` with stretches that together are the given columns of a row, from left to right.
    func forEachStretch(row: Int, columns: Range<Int>, _ body: (WarpStretch) -> Void)
}

/// Pixels of one row of the result that come from evenly spaced places on a line through the source.
package struct WarpStretch: Sendable, Hashable {
    /// Columns of the result.
    package var columns: Range<Int>
    /// The place of the first one; whole numbers are the middles of source pixels.
    package var x: Double
    package var y: Double
    /// From one place to the next.
    package var dx: Double
    package var dy: Double

    package init(columns: Range<Int>, x: Double, y: Double, dx: Double, dy: Double) {
        self.columns = columns
        self.x = x
        self.y = y
        self.dx = dx
        self.dy = dy
    }

    /// The part of the stretch within some columns, which overlap with it.
    package func clamped(to limits: Range<Int>) -> WarpStretch {
        let part = columns.clamped(to: limits)
        let offset = Double(part.lowerBound - columns.lowerBound)
        return WarpStretch(columns: part, x: x + offset * dx, y: y + offset * dy, dx: dx, dy: dy)
    }

    /// Stretches of at most `length` columns, that together are this one.
    package func forEachPiece(of length: Int, _ body: (WarpStretch) -> Void) {
        var start = columns.lowerBound
        while start < columns.upperBound {
            let end = min(columns.upperBound, start + length)
            body(clamped(to: start..<end))
            start = end
        }
    }

    /// The places with `bits` bits behind the point, as first place and step; nil when they are not numbers or absurdly
    /// far away.
    package func fixed(bits: Int) -> (x: Int, y: Int, dx: Int, dy: Int)? {
        let unit = Double(1 << bits)
        let reach = Double(columns.count)
        // Written so that what is not a number is out of range as well.
        guard abs(x) < 1e8, abs(y) < 1e8, abs(dx) * reach < 1e8, abs(dy) * reach < 1e8 else { return nil }
        return (
            Int((x * unit).rounded()), Int((y * unit).rounded()), Int((dx * unit).rounded()),
            Int((dy * unit).rounded())
        )
    }

    /// The steps at which an evenly changing place lies in `low..<high`: those of `0..<count` with
    /// `low <= place + step i < high`.
    package static func steps(place: Int, step: Int, from low: Int, to high: Int, count: Int) -> Range<Int> {
        if low >= high { return 0..<0 }
        if step == 0 { return place >= low && place < high ? 0..<count : 0..<0 }
        // Towards larger places: a falling place is a rising one with its sign changed.
        let (start, pace, bottom, top) = step > 0 ? (place, step, low, high) : (-place, -step, 1 - high, 1 - low)
        let first = max(0, floorDivided(bottom - start + pace - 1, pace))
        let end = min(count, floorDivided(top - start + pace - 1, pace))
        return first < end ? first..<end : 0..<0
    }

    private static func floorDivided(_ a: Int, _ b: Int) -> Int {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
