import Masks
import Metrics
import Runtime
import Testing

@Suite struct MaskMetricsTests {
    static func bitmap(_ rows: [String]) -> Bitmap {
        Bitmap(height: rows.count, width: rows[0].utf8.count, pixels: rows.joined().utf8.map { $0 == 35 ? 1 : 0 })
    }

    /// A disc, or nothing.
    static func blob(_ index: Int, height: Int = 30, width: Int = 40) -> Bitmap {
        var random = CounterRandom(seed: 5, sample: UInt64(index), purpose: RandomPurpose("blob"))
        let (cy, cx, radius) = (random.uniform(0..<30), random.uniform(0..<40), random.uniform(0..<14))
        var bitmap = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width {
                let (dy, dx) = (Double(row) - cy, Double(column) - cx)
                bitmap[row, column] = dy * dy + dx * dx < radius * radius
            }
        }
        return bitmap
    }

    @Test func countsOnPaper() {
        let a = Self.bitmap(["##..", "##..", "...."])
        let b = Self.bitmap([".##.", ".##.", "...."])
        #expect(MaskMetrics.intersectionOverUnion(a, b) == 2.0 / 6.0)
        #expect(MaskMetrics.dice(a, b) == 0.5)
        #expect(MaskMetrics.hausdorff95(a, b) == 1)
        #expect(MaskMetrics.boundaryIntersectionOverUnion(a, b) == 2.0 / 6.0)
    }

    @Test func emptyMasks() {
        let empty = Bitmap(height: 3, width: 4)
        let one = Self.bitmap(["#...", "....", "...."])
        #expect(MaskMetrics.intersectionOverUnion(empty, empty) == 1)
        #expect(MaskMetrics.dice(empty, empty) == 1)
        #expect(MaskMetrics.boundaryIntersectionOverUnion(empty, empty) == 1)
        #expect(MaskMetrics.hausdorff95(empty, empty) == 0)
        #expect(MaskMetrics.intersectionOverUnion(empty, one) == 0)
        #expect(MaskMetrics.dice(one, empty) == 0)
        #expect(MaskMetrics.hausdorff95(one, empty) == nil)
        #expect(MaskMetrics.hausdorff95(empty, one) == nil)
    }

    @Test(arguments: 0..<40)
    func distancesMatchEveryPairOfEdgePixels(index: Int) {
        let (a, b) = (Self.blob(2 * index), Self.blob(2 * index + 1))
        let expected = Self.hausdorff95Slowly(a, b)
        let found = MaskMetrics.hausdorff95(a, b)
        #expect((found == nil) == (expected == nil))
        if let found, let expected { #expect(abs(found - expected) < 1e-12) }
        #expect(MaskMetrics.hausdorff95(a, a) == 0)
    }

    static func hausdorff95Slowly(_ a: Bitmap, _ b: Bitmap) -> Double? {
        let (edgeA, edgeB) = (edgePixels(a), edgePixels(b))
        if edgeA.isEmpty && edgeB.isEmpty { return 0 }
        if edgeA.isEmpty || edgeB.isEmpty { return nil }
        func directed(_ from: [(Double, Double)], _ to: [(Double, Double)]) -> Double {
            var distances: [Double] = []
            for p in from {
                var best = Double.infinity
                for q in to {
                    let (dy, dx) = (p.0 - q.0, p.1 - q.1)
                    best = min(best, dy * dy + dx * dx)
                }
                distances.append(best.squareRoot())
            }
            distances.sort()
            let position = 0.95 * Double(distances.count - 1)
            let below = Int(position)
            let weight = position - Double(below)
            return distances[below] * (1 - weight) + distances[min(below + 1, distances.count - 1)] * weight
        }
        return max(directed(edgeA, edgeB), directed(edgeB, edgeA))
    }

    static func edgePixels(_ bitmap: Bitmap) -> [(Double, Double)] {
        var pixels: [(Double, Double)] = []
        for row in 0..<bitmap.height {
            for column in 0..<bitmap.width where bitmap[row, column] {
                let isInner = [(-1, 0), (1, 0), (0, -1), (0, 1)].allSatisfy { dy, dx in
                    let (y, x) = (row + dy, column + dx)
                    return y >= 0 && y < bitmap.height && x >= 0 && x < bitmap.width && bitmap[y, x]
                }
                if !isInner { pixels.append((Double(row), Double(column))) }
            }
        }
        return pixels
    }

    @Test(arguments: 0..<20)
    func boundaryBandsMatchRepeatedErosion(index: Int) {
        let (a, b) = (Self.blob(2 * index, height: 60, width: 90), Self.blob(2 * index + 1, height: 60, width: 90))
        let thickness = MaskMetrics.boundaryThickness(height: 60, width: 90)
        #expect(thickness == 2)
        func band(_ mask: Bitmap) -> Bitmap {
            var inner = mask
            for _ in 0..<thickness { inner = inner.eroded() }
            return mask.subtracting(inner)
        }
        #expect(
            MaskMetrics.boundaryIntersectionOverUnion(a, b) == MaskMetrics.intersectionOverUnion(band(a), band(b)))
    }

    /// Values of `int(round(0.02 * sqrt(h * h + w * w)))` in Python, at least 1.
    @Test(arguments: [(480, 640, 16), (10, 10, 1), (256, 256, 7), (1024, 1024, 29), (375, 500, 12), (100, 75, 2)])
    func bandWidths(height: Int, width: Int, thickness: Int) {
        #expect(MaskMetrics.boundaryThickness(height: height, width: width) == thickness)
    }

    @Test func percentilesInterpolate() {
        #expect(MaskMetrics.percentile(0.95, ofSorted: [7]) == 7)
        #expect(MaskMetrics.percentile(0.5, ofSorted: [1, 2]) == 1.5)
        #expect(abs(MaskMetrics.percentile(0.95, ofSorted: Array(stride(from: 0.0, through: 10, by: 1))) - 9.5) < 1e-12)
        #expect(MaskMetrics.percentile(1, ofSorted: [1, 2, 3]) == 3)
    }
}
