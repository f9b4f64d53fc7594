private import Foundation

/// Shapes between two keyframes of a CVAT track.
enum CVATInterpolation {
    /// The shape on its way from one keyframe to the next.
    ///
    /// Boxes and ellipses move evenly and turn the shorter way round. Polygons are matched corner by corner, see
    /// ``ring(between:and:at:)``. A mask stays as it is, and so does a shape whose successor is of another kind.
    ///
    /// - Parameter share: of the way, above 0 and below 1.
    static func shape(between a: XMLNode, and b: XMLNode, at share: Double) -> XMLNode {
        guard a.name == b.name else { return a }
        var attributes = a.attributes
        func move(_ keys: [String]) {
            for key in keys {
                guard let from = a.numberAttribute(key), let to = b.numberAttribute(key) else { continue }
                attributes[key] = "\(from + (to - from) * share)"
            }
            let (from, to) = (a.numberAttribute("rotation") ?? 0, b.numberAttribute("rotation") ?? 0)
            let turn = (to - from + 180).remainder(dividingBy: 360)
            let difference = (turn < 0 ? turn + 360 : turn) - 180
            let angle = (from + difference * share + 360).truncatingRemainder(dividingBy: 360)
            if angle != 0 || from != 0 { attributes["rotation"] = "\(angle)" }
        }
        switch a.name {
        case "box": move(["xtl", "ytl", "xbr", "ybr"])
        case "ellipse": move(["cx", "cy", "rx", "ry"])
        case "polygon":
            guard let from = CVATSource.points(a.attributes["points"] ?? ""),
                let to = CVATSource.points(b.attributes["points"] ?? ""), from.count >= 6, to.count >= 6
            else { return a }
            let ring = ring(between: from, and: to, at: share)
            attributes["points"] = stride(from: 0, to: ring.count, by: 2).map { "\(ring[$0]),\(ring[$0 + 1])" }
                .joined(separator: ";")
        default: return a
        }
        return a.with(attributes)
    }

    /// A ring between two rings, x and y in turn.
    ///
    /// Both are closed and measured by their length from the first corner on, as shares of the whole. Each corner of the
    /// first goes to the corner of the second whose share is nearest; corners of the second that nobody goes to come from
    /// the corner of the first that is nearest to them. On the way corners that come to lie close together, within half of
    /// the mean distance of the corners they belong to, become one.
    static func ring(between a: [Double], and b: [Double], at share: Double) -> [Double] {
        let (from, to) = (Curve(closing: a), Curve(closing: b))
        let matches = matches(from.shares, to.shares)
        var moved: [Point] = []
        /// Where the corners of each match begin in `moved`.
        var starts: [Int] = []
        for (index, targets) in matches.enumerated() {
            starts.append(moved.count)
            for target in targets { moved.append(from.points[index].moved(to: to.points[target], by: share)) }
        }
        var result: [Point] = []
        /// Where corners that each have one target began, and have not been taken yet.
        var open: Int?
        func takeOpen(through last: Int) {
            guard let first = open else { return }
            open = nil
            if starts[first] == starts[last] { return result.append(moved[starts[first]]) }
            result += thinned(
                moved[starts[first]...starts[last]], length: from.length(first...last), count: last - first + 1)
        }
        for (index, targets) in matches.enumerated() {
            if targets.count > 1 {
                takeOpen(through: index - 1)
                let (first, last) = (targets[0], targets[targets.count - 1])
                result += thinned(
                    moved[starts[index]..<starts[index] + targets.count], length: to.length(first...last),
                    count: last - first + 1)
            } else if let first = open {
                // Corners with one target in common are one segment.
                if targets[0] != matches[first][0] {
                    takeOpen(through: index - 1)
                    open = index
                }
            } else {
                open = index
            }
        }
        takeOpen(through: matches.count - 1)
        // The last corner closes the ring.
        return result.dropLast().flatMap { [$0.x, $0.y] }
    }

    private struct Point {
        var x: Double
        var y: Double

        func moved(to other: Point, by share: Double) -> Point {
            Point(x: x + (other.x - x) * share, y: y + (other.y - y) * share)
        }

        func distance(to other: Point) -> Double {
            ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
        }
    }

    /// A closed ring with its lengths.
    private struct Curve {
        let points: [Point]
        /// Length from the first corner to each, as shares of the whole.
        let shares: [Double]

        init(closing ring: [Double]) {
            var points = stride(from: 0, to: ring.count - 1, by: 2).map { Point(x: ring[$0], y: ring[$0 + 1]) }
            points.append(points[0])
            var lengths = [0.0]
            for index in 1..<points.count {
                lengths.append(lengths[index - 1] + points[index].distance(to: points[index - 1]))
            }
            let whole = lengths[lengths.count - 1]
            self.points = points
            shares = whole > 0 ? lengths.map { $0 / whole } : lengths
        }

        /// The length of a part.
        func length(_ part: ClosedRange<Int>) -> Double {
            part.dropFirst().reduce(0) { $0 + points[$1].distance(to: points[$1 - 1]) }
        }
    }

    /// The first of the ascending shares that are nearest to a value.
    private static func nearest(_ value: Double, in shares: [Double]) -> Int {
        let above = lowerBound(value, in: shares)
        guard above > 0 else { return 0 }
        let isBelowNearer = above == shares.count || value - shares[above - 1] <= shares[above] - value
        return isBelowNearer ? lowerBound(shares[above - 1], in: shares) : above
    }

    private static func lowerBound(_ value: Double, in shares: [Double]) -> Int {
        var (low, high) = (0, shares.count)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] < value { low = middle + 1 } else { high = middle }
        }
        return min(low, shares.count)
    }

    /// For each corner of the first curve its corners of the second, ascending.
    private static func matches(_ from: [Double], _ to: [Double]) -> [[Int]] {
        var matches = from.map { [nearest($0, in: to)] }
        let taken = Set(matches.joined())
        for index in to.indices where !taken.contains(index) { matches[nearest(to[index], in: from)].append(index) }
        return matches.map { $0.sorted() }
    }

    /// Corners without those that lie close to the one before; the first and the last stay, or their middle where there are
    /// only they and they lie close.
    private static func thinned(_ corners: ArraySlice<Point>, length: Double, count: Int) -> [Point] {
        guard let first = corners.first, let last = corners.last, corners.count > 1 else { return Array(corners) }
        let limit = length / Double(2 * count)
        var kept = [first]
        for corner in corners.dropFirst().dropLast() where kept[kept.count - 1].distance(to: corner) >= limit {
            kept.append(corner)
        }
        kept.append(last)
        return kept.count == 2 && first.distance(to: last) < limit ? [first.moved(to: last, by: 0.5)] : kept
    }
}
