/// Whether a ring crosses itself.
package enum SelfIntersection: Sendable, Hashable {
    /// The ring does not cross itself; it may touch itself.
    case none
    /// The edges that start at these corners (of ``PolygonGeometry/corners(_:)``) cross.
    case crossing(edge: Int, other: Int)
    /// Too many pairs of edges had to be compared.
    case undecided

    /// More comparisons than this are not made for one ring.
    static let maximumComparisons = 1 << 24

    /// Looks for the first crossing: edges are sorted along the ring's longer side, and each is compared with those
    /// that it overlaps there.
    ///
    /// A crossing is a proper one: two edges whose inner points meet, or a corner at which the ring passes from one side
    /// of itself to the other. Touching and running back along itself are none, nor is anything that rounding could
    /// have made.
    ///
    /// - Complexity: O(n log n) for outlines; at most `maximumComparisons` comparisons.
    package static func find(_ ring: [Double]) -> SelfIntersection {
        let points = PolygonGeometry.corners(ring)
        guard points.count >= 4, let bounds = PolygonGeometry.bounds(ring) else { return .none }
        return points.withUnsafeBufferPointer { points in
            Search(points: points, alongX: bounds.width >= bounds.height).run()
        }
    }
}

/// One search for a crossing.
private struct Search {
    let points: UnsafeBufferPointer<PolygonGeometry.Point>
    let alongX: Bool

    /// An edge's extent: along the sweep, and across it.
    private struct Extent {
        var edge: Int
        var low: Double
        var high: Double
        var acrossLow: Double
        var acrossHigh: Double
    }

    func run() -> SelfIntersection {
        let extents = sortedExtents()
        var comparisons = 0
        return extents.withUnsafeBufferPointer { extents in
            for (index, extent) in extents.enumerated() {
                var other = index + 1
                while other < extents.count && extents[other].low <= extent.high {
                    comparisons += 1
                    if extents[other].acrossLow <= extent.acrossHigh && extents[other].acrossHigh >= extent.acrossLow {
                        let (first, second) = (
                            min(extent.edge, extents[other].edge), max(extent.edge, extents[other].edge)
                        )
                        if cross(first, second) { return .crossing(edge: first, other: second) }
                    }
                    other += 1
                }
                if comparisons > SelfIntersection.maximumComparisons { return .undecided }
            }
            return .none
        }
    }

    private func sortedExtents() -> [Extent] {
        var extents: [Extent] = []
        extents.reserveCapacity(points.count)
        for edge in points.indices {
            let (a, b) = (points[edge], points[after(edge)])
            let (along, across) = alongX ? ((a.x, b.x), (a.y, b.y)) : ((a.y, b.y), (a.x, b.x))
            extents.append(
                Extent(
                    edge: edge, low: min(along.0, along.1), high: max(along.0, along.1),
                    acrossLow: min(across.0, across.1), acrossHigh: max(across.0, across.1)))
        }
        // Equal extents keep the ring's order, so that the same crossing is found every time.
        extents.sort { ($0.low, $0.edge) < ($1.low, $1.edge) }
        return extents
    }

    @inline(__always)
    private func after(_ index: Int) -> Int { index + 1 == points.count ? 0 : index + 1 }
    @inline(__always)
    private func before(_ index: Int) -> Int { index == 0 ? points.count - 1 : index - 1 }

    /// Whether edges `i < j` cross, in their inner parts or through their corners.
    private func cross(_ i: Int, _ j: Int) -> Bool {
        if after(i) == j || after(j) == i { return false }
        let (a, b) = (points[i], points[after(i)])
        let (c, d) = (points[j], points[after(j)])
        let sideC = PolygonGeometry.side(a, b, c)
        let sideD = PolygonGeometry.side(a, b, d)
        if sideC * sideD > 0 { return false }
        let sideA = PolygonGeometry.side(c, d, a)
        let sideB = PolygonGeometry.side(c, d, b)
        if sideA * sideB > 0 { return false }
        if sideA * sideB < 0 && sideC * sideD < 0 { return true }
        // Some corner lies on the other edge: each corner is looked at once, as the start of its edge.
        if a == c { return passesThrough(i, j) }
        if sideC == 0 && c != b && isWithin(c, a, b) { return passesOver(j, edge: i) }
        if sideA == 0 && a != d && isWithin(a, c, d) { return passesOver(i, edge: j) }
        return false
    }

    /// Whether a point on an edge's line lies in its box.
    private func isWithin(_ point: PolygonGeometry.Point, _ a: PolygonGeometry.Point, _ b: PolygonGeometry.Point)
        -> Bool
    {
        min(a.x, b.x) <= point.x && point.x <= max(a.x, b.x) && min(a.y, b.y) <= point.y && point.y <= max(a.y, b.y)
    }

    /// Whether the ring, at a corner on the inner part of an edge, changes from one side of it to the other.
    private func passesOver(_ corner: Int, edge: Int) -> Bool {
        let (a, b) = (points[edge], points[after(edge)])
        let from = PolygonGeometry.side(a, b, points[before(corner)])
        let to = PolygonGeometry.side(a, b, points[after(corner)])
        return from * to < 0
    }

    /// Whether two passages of the ring through one point cross there.
    private func passesThrough(_ i: Int, _ j: Int) -> Bool {
        let centre = points[i]
        let (from, to) = (points[before(i)], points[after(i)])
        let (otherFrom, otherTo) = (points[before(j)], points[after(j)])
        guard let first = isBetween(otherFrom, from, to, around: centre),
            let second = isBetween(otherTo, from, to, around: centre)
        else { return false }
        return first != second
    }

    /// Whether the direction to `point` lies in the sector that opens clockwise from `from` to `to`; nil if it runs along
    /// one of them or cannot be told.
    private func isBetween(
        _ point: PolygonGeometry.Point, _ from: PolygonGeometry.Point, _ to: PolygonGeometry.Point,
        around centre: PolygonGeometry.Point
    ) -> Bool? {
        let afterFrom = PolygonGeometry.side(centre, from, point)
        let beforeTo = PolygonGeometry.side(centre, point, to)
        let opening = PolygonGeometry.side(centre, from, to)
        if afterFrom == 0 || beforeTo == 0 { return nil }
        if opening == 0 {
            let dot = (from.x - centre.x) * (to.x - centre.x) + (from.y - centre.y) * (to.y - centre.y)
            // Straight on, the sector is half a turn; back the same way, there is none.
            return dot < 0 ? afterFrom > 0 : nil
        }
        // A sector of less than half a turn is an intersection of half-planes, a wider one their union.
        return opening > 0 ? afterFrom > 0 && beforeTo > 0 : afterFrom > 0 || beforeTo > 0
    }
}
