internal import Images

/// One axis of a resampling: source places 0..<length go to `scale · place + shift`.
struct AxisMap: Sendable, Hashable {
    /// Source positions.
    let length: Int
    /// Above 0.
    let scale: Double
    let shift: Double

    /// Whether each position goes to a position: nothing is resampled.
    var isExact: Bool { abs(scale - 1) < 1e-9 && abs(shift - shift.rounded()) < 1e-6 }

    /// The shift of an exact map.
    var wholeShift: Int { Int(shift.rounded()) }

    /// The target positions of `0..<limit` whose middles show the source.
    /// - Parameter visible: the part of the source that may be seen, in its places.
    func targets(limit: Int, visible: (low: Double, high: Double)) -> Range<Int> {
        func first(_ place: Double) -> Int {
            // A middle that is on the edge but for rounding counts as on it.
            let edge = (scale * place + shift - 0.5 - 1e-7).rounded(.up)
            return Int(min(Double(limit), max(0, edge)))
        }
        let (low, high) = (first(max(0, visible.low)), first(min(Double(length), visible.high)))
        return low < high ? low..<high : 0..<0
    }

    /// The weights of the target positions, or nil when they are the source's own.
    func taps(_ targets: Range<Int>) -> AxisTaps? {
        let origin = (Double(targets.lowerBound) - shift) / scale
        let step = 1 / scale
        // The whole axis has the very weights of a resize.
        if abs(origin) < 1e-6 && abs(Double(targets.count) * step - Double(length)) < 1e-6 {
            return targets.count == length ? nil : AxisTaps(input: length, output: targets.count)
        }
        return AxisTaps(input: 0..<length, origin: origin, scale: step, output: targets.count)
    }

    /// The source position under the middle of each target position; -1 outside of `targets`.
    func nearest(_ targets: Range<Int>, count: Int) -> [Int] {
        (0..<count).map { position in
            guard targets.contains(position) else { return -1 }
            let place = ((Double(position) + 0.5 - shift) / scale + 1e-9).rounded(.down)
            return Int(min(Double(length - 1), max(0, place)))
        }
    }
}
