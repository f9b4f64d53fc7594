import Masks
import Metrics
import Testing

@Suite struct MaskSummaryTests {
    @Test func meansLeaveOutWhatIsNotDefined() {
        var mean = MeanAccumulator()
        #expect(mean.mean == nil)
        for value in [1, nil, 3, .nan] as [Double?] { mean.add(value) }
        #expect(mean.mean == 2 && mean.count == 2 && mean.undefinedCount == 2)
        var other = MeanAccumulator()
        other.add(8)
        mean.merge(other)
        #expect(mean.mean == 4 && mean.count == 3 && mean.undefinedCount == 2)
    }

    @Test(arguments: [(0, SizeBin.small), (1023, .small), (1024, .medium), (9215.5, .medium), (9216, .large)])
    func sizeClasses(area: Double, size: SizeBin) {
        #expect(SizeBin(area: area) == size)
    }

    @Test func objectsAreCountedInTheirClass() {
        var left = MaskSummary()
        var right = MaskSummary()
        let small = MaskMetricsTests.blob(1)
        let large = Bitmap(height: 100, width: 100, pixels: [UInt8](repeating: 1, count: 10_000))
        left.add(prediction: small, truth: small)
        right.add(prediction: Bitmap(height: 100, width: 100), truth: large)
        left.merge(right)
        #expect(left.all.dice.mean == 0.5)
        #expect(left.bySize[.small]?.dice.mean == 1)
        #expect(left.bySize[.large]?.intersectionOverUnion.mean == 0)
        #expect(left.bySize[.large]?.hausdorff95.undefinedCount == 1)
        #expect(left.bySize[.medium] == nil)
    }

    /// Objects are compared in a window around them, which must not change a boundary, in the middle or at the border.
    @Test func theWindowChangesNothing() {
        for (row, column) in [(0, 0), (30, 50), (52, 71), (20, 0)] {
            var (a, b) = (Bitmap(height: 60, width: 80), Bitmap(height: 60, width: 80))
            for y in 0..<8 {
                for x in 0..<9 where (x + y * y) % 11 != 0 {
                    a[row + y, column + x] = true
                    if x > 2 { b[min(59, row + y / 2), column + x] = true }
                }
            }
            var summary = MaskSummary()
            summary.add(prediction: a, truth: b)
            #expect(
                summary.all.boundaryIntersectionOverUnion.mean == MaskMetrics.boundaryIntersectionOverUnion(a, b))
            #expect(summary.all.hausdorff95.mean == MaskMetrics.hausdorff95(a, b))
        }
    }
}
