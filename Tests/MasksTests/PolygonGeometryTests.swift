import Masks
import Runtime
import Testing

@Suite struct PolygonGeometryTests {
    @Test func pointsAndBounds() {
        let ring: [Double] = [1, 2, 1, 2, 5, 2, 5, 8, 1, 2]
        #expect(PolygonGeometry.distinctPoints(ring) == 3)
        #expect(PolygonGeometry.corners(ring).count == 3)
        #expect(PolygonGeometry.bounds(ring) == Box(x: 1, y: 2, width: 4, height: 6))
        #expect(PolygonGeometry.signedArea(ring) == 12)
        #expect(PolygonGeometry.distinctPoints([1, 1, 2, 2, 1, 1, 2, 2]) == 2)
        #expect(PolygonGeometry.distinctPoints([]) == 0)
        #expect(PolygonGeometry.bounds([1]) == nil)
        #expect(PolygonGeometry.signedArea([1, 1, 5, 5]) == 0)
    }

    @Test func spikesAreCounted() {
        #expect(PolygonGeometry.spikes([0, 0, 4, 0, 4, 4, 0, 4]).isEmpty)
        #expect(PolygonGeometry.spikes([0, 0, 4, 0, 9, 0, 4, 0, 4, 4, 0, 4]) == [PolygonGeometry.Point(x: 9, y: 0)])
        #expect(PolygonGeometry.spikes([0, 0, 4, 0, 8, 0]).count == 2)
    }

    @Test(
        arguments: [
            ("square", [0, 0, 4, 0, 4, 4, 0, 4], false),
            ("bow-tie", [1, 1, 8, 8, 8, 1, 1, 8], true),
            ("closed twice", [0, 0, 4, 0, 4, 4, 0, 4, 0, 0], false),
            ("triangle", [0, 0, 4, 0, 4, 4], false),
            ("spike out and back", [0, 0, 4, 0, 9, 0, 4, 0, 4, 4, 0, 4], false),
            ("touches itself at a corner", [0, 0, 4, 4, 8, 0, 8, 8, 4, 4, 0, 8], false),
            ("crosses itself at a corner", [0, 0, 4, 4, 8, 8, 8, 0, 4, 4, 0, 8], true),
            ("corner on an edge from one side", [0, 0, 8, 0, 8, 8, 4, 0, 0, 8], false),
            ("corner on an edge, through", [0, 0, 8, 0, 8, 4, 4, 0, 2, -4, 0, -4], true),
            ("runs along itself", [0, 0, 8, 0, 8, 4, 6, 0, 2, 0, 0, 4], false),
            ("star", [50, 0, 79, 90, 2, 35, 98, 35, 21, 90], true),
            ("keyhole", [0, 0, 9, 0, 9, 9, 0, 9, 0, 3, 3, 3, 3, 6, 6, 6, 6, 3, 0, 3], false),
        ] as [(String, [Double], Bool)])
    func crossings(name: String, ring: [Double], crosses: Bool) {
        for (label, variant) in Self.variants(ring) {
            let found = SelfIntersection.find(variant)
            #expect((found != .none) == crosses, "\(name), \(label)")
            #expect(found != .undecided)
        }
    }

    /// The same ring turned round, shifted, mirrored: nothing of that may change the answer.
    static func variants(_ ring: [Double]) -> [(String, [Double])] {
        let points = stride(from: 0, to: ring.count, by: 2).map { (ring[$0], ring[$0 + 1]) }
        func flat(_ points: [(Double, Double)]) -> [Double] { points.flatMap { [$0.0, $0.1] } }
        return points.indices.map { ("from \($0)", flat(Array(points[$0...] + points[..<$0]))) } + [
            ("reversed", flat(points.reversed())),
            ("mirrored", flat(points.map { (-$0.0, $0.1) })),
            ("transposed", flat(points.map { ($0.1, $0.0) })),
            ("moved", flat(points.map { ($0.0 + 1000, $0.1 - 1000) })),
        ]
    }

    /// Random rings of whole numbers against exact arithmetic on every pair of edges.
    @Test(arguments: 0..<400)
    func properCrossingsMatchEveryPair(index: Int) {
        var random = CounterRandom(seed: 11, sample: UInt64(index), purpose: RandomPurpose("random ring"))
        let count = 4 + random.index(below: 12)
        let points = (0..<count).map { _ in (random.index(below: 1_000_003), random.index(below: 900_007)) }
        func side(_ a: (Int, Int), _ b: (Int, Int), _ c: (Int, Int)) -> Int {
            ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).signum()
        }
        var crosses = false
        for i in 0..<count {
            for j in 0..<i {
                let (a, b) = (points[i], points[(i + 1) % count])
                let (c, d) = (points[j], points[(j + 1) % count])
                if side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0 { crosses = true }
            }
        }
        let ring = points.flatMap { [Double($0.0) / 8, Double($0.1) / 8] }
        #expect((SelfIntersection.find(ring) != .none) == crosses)
    }

    /// A ring in which every edge overlaps every other along the sweep is given up, not waited for.
    @Test func hopelessRingsAreGivenUp() {
        var ring: [Double] = []
        for tooth in 0..<20_000 {
            let y = Double(tooth)
            ring += [0, y, 100_000, y + 0.4]
        }
        ring += [100_001, 30_000, 100_001, -10, -1, -10]
        #expect(SelfIntersection.find(ring) == .undecided)
    }
}
