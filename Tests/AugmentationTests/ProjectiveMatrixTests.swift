import Augmentation
import Runtime
import Testing

@Suite struct ProjectiveMatrixTests {
    static func random(_ seed: UInt64) -> ProjectiveMatrix {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("matrix test"))
        func value(_ scale: Double) -> Double { random.uniform(-scale..<scale) }
        return ProjectiveMatrix(
            1 + value(0.5), value(0.5), value(20), value(0.5), 1 + value(0.5), value(20), value(0.001), value(0.001))
    }

    static func isNear(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double), _ tolerance: Double = 1e-8) -> Bool {
        abs(a.x - b.x) < tolerance && abs(a.y - b.y) < tolerance
    }

    @Test func oneAfterTheOtherIsTheProduct() {
        for seed in 0..<20 as Range<UInt64> {
            let (first, second) = (Self.random(seed), Self.random(seed + 100))
            let both = first.followed(by: second)
            for point in [(0.0, 0.0), (30, 10), (5.5, 40)] {
                let step = first(point.0, point.1)
                #expect(Self.isNear(both(point.0, point.1), second(step.x, step.y)))
            }
        }
    }

    @Test func inverseLeadsBack() throws {
        for seed in 0..<20 as Range<UInt64> {
            let matrix = Self.random(seed)
            let back = try #require(matrix.inverse)
            let there = matrix(12, 34)
            #expect(Self.isNear(back(there.x, there.y), (12, 34)))
        }
        // What is affine stays so to the bit, whatever is rounded.
        for degrees in stride(from: 1.0, to: 360, by: 7) {
            let matrix = ProjectiveMatrix(1.2 * degrees, 0.3, 4, -0.7, 1 / degrees, 9)
            let back = try #require(matrix.inverse)
            let there = matrix(12, 34)
            #expect(back.isAffine && Self.isNear(back(there.x, there.y), (12, 34)))
        }
        #expect(ProjectiveMatrix.scale(x: 0, y: 1).inverse == nil)
        #expect(ProjectiveMatrix(.nan, 0, 0, 0, 1, 0).inverse == nil)
    }

    @Test func symmetriesAreThoseOfPoints() {
        for transform in DihedralTransform.allCases {
            let matrix = ProjectiveMatrix(transform, height: 30, width: 50)
            // The matrix counts from edges, points from the middles of pixels.
            let moved = transform((x: 7, y: 11), height: 30, width: 50)
            #expect(Self.isNear(matrix(7.5, 11.5), (moved.x + 0.5, moved.y + 0.5)))
        }
    }

    @Test func fourPointsAreMet() throws {
        let source: [(x: Double, y: Double)] = [(3, 2), (38, 1), (36, 28), (1, 25)]
        let target: [(x: Double, y: Double)] = [(0, 0), (41, 0), (41, 30), (0, 30)]
        let matrix = try #require(ProjectiveMatrix(from: source, to: target))
        for (from, to) in zip(source, target) { #expect(Self.isNear(matrix(from.x, from.y), to)) }
        #expect(ProjectiveMatrix(from: [(0, 0), (1, 1), (2, 2), (3, 3)], to: target) == nil)
    }

    /// The factor of areas is that of a small square.
    @Test func areaFactorIsThatOfASmallSquare() {
        for seed in 0..<20 as Range<UInt64> {
            let matrix = Self.random(seed)
            let h = 1e-4
            let (a, b, c) = (matrix(20, 30), matrix(20 + h, 30), matrix(20, 30 + h))
            let first = (x: (b.x - a.x) / h, y: (b.y - a.y) / h)
            let second = (x: (c.x - a.x) / h, y: (c.y - a.y) / h)
            let area = abs(first.x * second.y - second.x * first.y)
            #expect(abs(matrix.areaFactor(atX: 20, y: 30) - area) < 1e-3 * area)
            let factors = matrix.axisFactors(atX: 20, y: 30)
            let length = (first.x * first.x + first.y * first.y).squareRoot()
            #expect(abs(factors.x - length) < 1e-3)
        }
    }

    @Test func behindTheHorizonIsNowhere() {
        let matrix = ProjectiveMatrix(1, 0, 0, 0, 1, 0, -0.1, 0, 1)
        #expect(matrix(20, 5).x.isNaN)
        #expect(matrix.areaFactor(atX: 20, y: 5) == 0)
    }
}
