/// Joins rings into one by bridges without width.
enum BridgedRing {
    /// Pairs of corners that are compared for the shortest bridge; between larger rings the first corners are taken.
    private static let maximumPairs = 1 << 18

    /// One ring through all of `rings`, in their order; nil when there is none with a corner.
    ///
    /// - Parameter rings: x and y in turn.
    static func join(_ rings: [[Double]]) -> [Double]? {
        let rings = rings.filter { $0.count >= 2 }
        guard var tour = rings.last else { return nil }
        // From the last ring to the first: each is walked to the corner where the next one is near, then through all that
        // follows and back, then on to its end.
        for ring in rings.dropLast().reversed() {
            let (leave, enter) = nearest(ring, tour)
            let points = ring.count / 2
            var joined: [Double] = []
            joined.reserveCapacity(ring.count + tour.count + 4)
            joined += ring[..<(2 * leave + 2)]
            joined += tour[(2 * enter)...]
            joined += tour[..<(2 * enter + 2)]
            joined += ring[(2 * leave)..<(2 * points)]
            tour = joined
        }
        return tour
    }

    /// The corners of two rings between which the bridge is shortest.
    private static func nearest(_ a: [Double], _ b: [Double]) -> (Int, Int) {
        let (countA, countB) = (a.count / 2, b.count / 2)
        guard countA <= maximumPairs / max(1, countB) else { return (0, 0) }
        var best = (0, 0)
        var least = Double.infinity
        for i in 0..<countA {
            for j in 0..<countB {
                let (dx, dy) = (a[2 * i] - b[2 * j], a[2 * i + 1] - b[2 * j + 1])
                let distance = dx * dx + dy * dy
                if distance < least { (least, best) = (distance, (i, j)) }
            }
        }
        return best
    }
}
