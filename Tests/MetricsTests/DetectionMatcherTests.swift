import Metrics
import Runtime
import Testing

/// Matching against a plain transcription of its definition.
@Suite struct DetectionMatcherTests {
    /// Overlaps on a coarse grid, so that ties and values at the thresholds are frequent.
    static func cell(_ index: Int) -> DetectionCell {
        var random = CounterRandom(seed: 3, sample: UInt64(index), purpose: RandomPurpose("cell"))
        let truths = (0..<random.index(below: 7)).map { _ in
            let crowd = random.index(below: 5) == 0
            return DetectionCell.Truth(
                area: [10, 1024, 5000, 9216, 20000][random.index(below: 5)],
                isIgnored: crowd || random.index(below: 9) == 0, takesMany: crowd)
        }
        let scores = (0..<random.index(below: 9)).map { _ in Double(random.index(below: 4)) / 4 }.sorted(by: >)
        let detections = scores.map {
            DetectionCell.Detection(score: $0, area: [10, 1024, 5000, 9216, 20000][random.index(below: 5)])
        }
        let overlaps = (0..<truths.count * detections.count).map { _ in Double(random.index(below: 21)) / 20 }
        return DetectionCell(
            truths: truths, detections: detections, overlaps: overlaps,
            ignoresUnmatched: random.index(below: 4) == 0)
    }

    @Test(arguments: 0..<300)
    func everyCellIsMatchedByDefinition(index: Int) {
        let cell = Self.cell(index)
        let rules = DetectionRules.coco()
        var matcher = DetectionMatcher(rules)
        let found = matcher.match(cell)
        for (a, range) in rules.areaRanges.enumerated() {
            for (t, threshold) in rules.overlapThresholds.enumerated() {
                let expected = Self.slowly(cell, range, threshold)
                let bit = UInt64(1) << UInt64(t * rules.areaRanges.count + a)
                #expect(found.outcomes.map { $0.matched & bit != 0 } == expected.map { $0.truth != nil })
                #expect(found.outcomes.map { $0.ignored & bit != 0 } == expected.map(\.isIgnored))
                if a == 0 && t == 0 {
                    for (g, finder) in found.finders.enumerated() where !cell.truths[g].takesMany {
                        #expect(finder == expected.firstIndex { $0.truth == g })
                    }
                }
            }
            #expect(
                found.truthCounts[a]
                    == cell.truths.count { !$0.isIgnored && $0.area >= range.low && $0.area <= range.high })
        }
    }

    /// Objects sorted with the ignored ones last; every detection looks at all of them.
    static func slowly(
        _ cell: DetectionCell, _ range: DetectionRules.AreaRange, _ threshold: Double
    ) -> [(truth: Int?, isIgnored: Bool)] {
        let ignored = cell.truths.map { $0.isIgnored || $0.area < range.low || $0.area > range.high }
        let order = cell.truths.indices.filter { !ignored[$0] } + cell.truths.indices.filter { ignored[$0] }
        var taken: Set<Int> = []
        return cell.detections.enumerated().map { d, detection in
            var best: Int?
            var overlap = min(threshold, 1 - 1e-10)
            for g in order {
                if taken.contains(g) && !cell.truths[g].takesMany { continue }
                if let best, !ignored[best], ignored[g] { break }
                let other = cell.overlaps[d * cell.truths.count + g]
                if other < overlap { continue }
                overlap = other
                best = g
            }
            guard let best else {
                return (nil, cell.ignoresUnmatched || detection.area < range.low || detection.area > range.high)
            }
            taken.insert(best)
            return (best, ignored[best])
        }
    }

    /// The textbook's example: three right, two wrong, four objects.
    @Test func precisionIsReadOffTheEnvelope() {
        let rules = DetectionRules(
            overlapThresholds: [0.5], recallThresholds: [0, 0.25, 0.5, 0.75, 1],
            areaRanges: [DetectionRules.AreaRange(name: "all", low: 0, high: 1e10)], maximumDetections: [100])
        let right: [Bool] = [true, false, true, true, false]
        let outcomes = right.enumerated().map { index, isRight in
            DetectionOutcome(score: 1 - Double(index) / 10, rank: 0, matched: isRight ? 1 : 0, ignored: 0)
        }
        let averages = ClassAverages(outcomes, truthCounts: [4], rules: rules)
        // Precisions 1, 1/2, 2/3, 3/4, 3/5; raised to 1, 3/4, 3/4, 3/4, 3/5; recall 1 is never reached.
        #expect(abs((averages.precision[0] ?? 0) - (1 + 1 + 0.75 + 0.75) / 5) < 1e-12)
        #expect(averages.recall == [0.75])
        #expect(ClassAverages(outcomes, truthCounts: [0], rules: rules).precision == [nil])
        #expect(ClassAverages([], truthCounts: [4], rules: rules).precision == [0])
    }
}
