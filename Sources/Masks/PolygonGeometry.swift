/// Facts about one ring of a COCO polygon: x and y in turn, in pixels, closed by itself.
///
/// Pure functions on finite coordinates; a last number without a partner is ignored. Nothing is rasterised.
package enum PolygonGeometry {
    /// A corner of a ring.
    package struct Point: Sendable, Hashable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// The ring's points, without repetitions of a point by the next, the closing one included.
    package static func corners(_ ring: [Double]) -> [Point] {
        var points: [Point] = []
        points.reserveCapacity(ring.count / 2)
        for index in stride(from: 0, to: ring.count - 1, by: 2) {
            let point = Point(x: ring[index], y: ring[index + 1])
            if points.last != point { points.append(point) }
        }
        while points.count > 1 && points.first == points.last { points.removeLast() }
        return points
    }

    /// The number of different points, counted up to `limit`.
    package static func distinctPoints(_ ring: [Double], limit: Int = 3) -> Int {
        var seen: [Point] = []
        for index in stride(from: 0, to: ring.count - 1, by: 2) where seen.count < limit {
            let point = Point(x: ring[index], y: ring[index + 1])
            if !seen.contains(point) { seen.append(point) }
        }
        return seen.count
    }

    /// The smallest box around the ring's points; nil for a ring without any.
    package static func bounds(_ ring: [Double]) -> Box? {
        guard ring.count >= 2 else { return nil }
        var (left, right, top, bottom) = (ring[0], ring[0], ring[1], ring[1])
        for index in stride(from: 2, to: ring.count - 1, by: 2) {
            left = min(left, ring[index])
            right = max(right, ring[index])
            top = min(top, ring[index + 1])
            bottom = max(bottom, ring[index + 1])
        }
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// Whether coordinates are parts of the image's size, 0...1, instead of pixels.
    ///
    /// An object of at most one pixel is taken for that, too, unless its coordinates are whole numbers.
    package static func isNormalised(_ rings: [[Double]], height: Int, width: Int) -> Bool {
        guard width > 4, height > 4 else { return false }
        var hasFraction = false
        var points = 0
        for ring in rings {
            points += ring.count / 2
            for value in ring {
                guard value >= 0, value <= 1 else { return false }
                if value != value.rounded(.down) { hasFraction = true }
            }
        }
        return hasFraction && points >= 3
    }

    /// The ring's area by the shoelace formula, in square pixels; positive if it runs clockwise as seen on screen.
    ///
    /// Parts that the ring winds around the other way count against the rest, as in a bow-tie.
    package static func signedArea(_ ring: [Double]) -> Double {
        let points = ring.count / 2
        guard points >= 3 else { return 0 }
        // Seen from the first point, so that large coordinates do not cancel.
        let (x0, y0) = (ring[0], ring[1])
        var twice = 0.0
        for index in 1..<points - 1 {
            let (ax, ay) = (ring[2 * index] - x0, ring[2 * index + 1] - y0)
            let (bx, by) = (ring[2 * index + 2] - x0, ring[2 * index + 3] - y0)
            twice += ax * by - ay * bx
        }
        return twice / 2
    }

    /// The corners at which the ring turns back exactly along the way it came.
    package static func spikes(_ ring: [Double]) -> [Point] {
        let points = corners(ring)
        guard points.count >= 3 else { return [] }
        var tips: [Point] = []
        var before = points[points.count - 2]
        var here = points[points.count - 1]
        for next in points {
            let (ax, ay) = (here.x - before.x, here.y - before.y)
            let (bx, by) = (next.x - here.x, next.y - here.y)
            if ax * by == ay * bx && ax * bx + ay * by < 0 { tips.append(here) }
            (before, here) = (here, next)
        }
        return tips
    }

    /// On which side of the line from `a` to `b` a point lies: 1 right on screen, -1 left, 0 on it or too close to tell.
    ///
    /// The bound on the rounding error is the first stage of Shewchuk, "Adaptive precision floating-point arithmetic and
    /// fast robust geometric predicates", 1997; a doubtful sign is never reported as a side.
    @inline(__always)
    static func side(_ a: Point, _ b: Point, _ c: Point) -> Int {
        let left = (a.x - c.x) * (b.y - c.y)
        let right = (a.y - c.y) * (b.x - c.x)
        let determinant = left - right
        let bound = 3.330_669_073_875_472e-16 * (abs(left) + abs(right))
        if determinant > bound { return 1 }
        return determinant < -bound ? -1 : 0
    }
}
