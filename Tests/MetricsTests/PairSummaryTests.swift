import Masks
import Metrics
import Testing

@Suite struct PairSummaryTests {
    @Test func groupsBySizeAndClass() throws {
        func mask(_ side: Int, shift: Int = 0) throws -> RLE {
            try RLE(
                height: 200, width: 200, box: Box(x: Double(shift), y: 0, width: Double(side), height: Double(side)))
        }
        let small = try mask(20)
        let large = try mask(120)
        let pairs = [
            PairScores(prediction: small, truth: small, classIndex: 0, image: 0),
            PairScores(prediction: try mask(20, shift: 10), truth: small, classIndex: 0, image: 1),
            PairScores(prediction: large, truth: large, classIndex: 2, image: 1),
        ]
        let summary = PairSummary(
            pairs, truths: [[.small: 3], [.medium: 1], [.large: 1]], bootstrap: ClusterBootstrap(resamples: 20))
        #expect(summary.all.objects == 5 && summary.all.found == 3)
        #expect(summary.all[.intersectionOverUnion]?.mean == (1 + 1.0 / 3 + 1) / 3)
        #expect(summary.bySize.map(\.size) == [.small, .medium, .large])
        #expect(summary.bySize.map(\.group.found) == [2, 0, 1] && summary.bySize[1].group[.dice] == nil)
        #expect(summary.byClass.map(\.objects) == [3, 1, 1] && summary.byClass.map(\.found) == [2, 0, 1])
        let interval = try #require(summary.byClass[0][.dice])
        #expect(interval.mean == 0.75 && interval.bounds == 0.5...1)
        #expect(summary.byClass[2][.hausdorff95]?.mean == 0 && summary.byClass[2][.hausdorff95]?.bounds == nil)
    }
}
