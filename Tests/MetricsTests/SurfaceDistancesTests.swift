import JSONText
import Masks
import Metrics
import Runtime
import TestSupport
import Testing

@Suite struct SurfaceDistancesTests {
    /// MONAI counts distances in 32-bit floats.
    @Test func sameAsMONAI() throws {
        let text = String(decoding: try FileSystem.read(Repository.fixture("Metrics/surfaces.json")), as: UTF8.self)
        let document = try JSONDocument.parse(text)
        let (height, width) = (document["height"]?.int ?? 0, document["width"]?.int ?? 0)
        let cases = document["cases"]?.array ?? []
        #expect(cases.count > 30)
        for one in cases {
            let masks = try ["prediction", "truth"].map { key in
                try RLE(height: height, width: width, compressed: Array((one[key]?.string ?? "").utf8))
            }
            let spacing = SurfaceDistances.Spacing(
                row: one["spacing"]?[0]?.double ?? 0, column: one["spacing"]?[1]?.double ?? 0)
            let distances = try #require(
                SurfaceDistances(masks[0].bitmap(), masks[1].bitmap(), spacing: spacing))
            let (hd95, nsd) = (try #require(one["hd95"]?.double), try #require(one["nsd"]?.double))
            let tolerance = one["tolerance"]?.double ?? 0
            #expect(abs(distances.hausdorff95 - hd95) < 1e-5 * max(1, hd95), "\(one)")
            #expect(abs(distances.normalisedSurfaceDistance(tolerance: tolerance) - nsd) < 1e-6, "\(one)")
            var options = PairScores.Options()
            options.spacing = spacing
            options.tolerance = tolerance
            let scores = PairScores(
                prediction: masks[0], truth: masks[1], classIndex: 0, image: 0, options: options)
            #expect(scores[.hausdorff95] == distances.hausdorff95)
            #expect(scores[.normalisedSurfaceDistance] == distances.normalisedSurfaceDistance(tolerance: tolerance))
        }
    }

    /// Every pixel against every foreground pixel.
    @Test(arguments: 0..<20)
    func spacedDistancesMatchEveryPair(index: Int) {
        let mask = MaskMetricsTests.blob(index, height: 12, width: 17).edge()
        let (dy, dx) = ([1, 0.5, 3, 0.7][index % 4], [1, 0.5, 0.4, 1.9][index / 4 % 4])
        let found = mask.distancesToForeground(rowSpacing: dy, columnSpacing: dx)
        for row in 0..<12 {
            for column in 0..<17 {
                var best = Double.infinity
                for (place, pixel) in mask.pixels.enumerated() where pixel != 0 {
                    let (y, x) = (Double(place / 17 - row) * dy, Double(place % 17 - column) * dx)
                    best = min(best, (y * y + x * x).squareRoot())
                }
                let own = found[row * 17 + column]
                #expect(own == best || abs(own - best) < 1e-9)
            }
        }
    }

    @Test func emptyMasks() {
        let empty = Bitmap(height: 4, width: 5)
        var one = empty
        one[1, 1] = true
        #expect(SurfaceDistances(empty, one) == nil && SurfaceDistances(one, empty) == nil)
        #expect(SurfaceDistances(empty, empty)?.hausdorff95 == 0)
        #expect(SurfaceDistances(empty, empty)?.normalisedSurfaceDistance(tolerance: 0) == 1)
        #expect(SurfaceDistances(one, one)?.normalisedSurfaceDistance(tolerance: 0) == 1)
    }

    /// The pairs' window and the whole images give the same, and the band on runs is that of the pixels.
    @Test(arguments: 0..<30)
    func pairsAreComparedInTheirWindow(index: Int) throws {
        let (a, b) = (MaskMetricsTests.blob(2 * index), MaskMetricsTests.blob(2 * index + 1))
        let scores = PairScores(prediction: RLE(a), truth: RLE(b), classIndex: 3, image: 4)
        #expect(scores[.intersectionOverUnion] == MaskMetrics.intersectionOverUnion(a, b))
        #expect(scores[.dice] == MaskMetrics.dice(a, b))
        #expect(scores[.boundaryIntersectionOverUnion] == MaskMetrics.boundaryIntersectionOverUnion(a, b))
        #expect(scores[.hausdorff95] == MaskMetrics.hausdorff95(a, b))
        for thickness in 1...3 {
            #expect(RLE(a).boundary(thickness: thickness).bitmap() == a.boundary(thickness: thickness))
        }
    }
}
