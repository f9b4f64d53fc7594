/// Precision and recall of one class, for every threshold, area range and number of detections.
package struct ClassAverages: Sendable, Hashable {
    /// For each area range, the objects that count.
    package let truthCounts: [Int]
    /// Detections that were judged.
    package let detectionCount: Int
    /// Index `(t * A + a) * M + m`: precision averaged over the recall thresholds, 0...1; nil without an object.
    package let precision: [Double?]
    /// Index `(t * A + a) * M + m`: the largest recall, 0...1; nil without an object.
    package let recall: [Double?]

    /// - Parameters:
    ///   - outcomes: of the class, image after image in ascending order of their ids.
    ///   - truthCounts: for each area range, the objects that count.
    package init(_ outcomes: [DetectionOutcome], truthCounts: [Int], rules: DetectionRules) {
        self.truthCounts = truthCounts
        detectionCount = outcomes.count
        let (thresholds, areas) = (rules.overlapThresholds.count, rules.areaRanges.count)
        let limits = rules.maximumDetections
        var precision = [Double?](repeating: nil, count: thresholds * areas * limits.count)
        var recall = precision
        // Sorting is stable: of equal scores, the image with the smaller id comes first.
        let order = outcomes.indices.sorted {
            let (a, b) = (outcomes[$0].score, outcomes[$1].score)
            return a > b || a == b && $0 < $1
        }
        var curve = PrecisionCurve(recallThresholds: rules.recallThresholds)
        var last = -1
        for (m, limit) in limits.enumerated() {
            let ranked = order.filter { outcomes[$0].rank < limit }.map { outcomes[$0] }
            if ranked.count == last {
                // No image has so many: the numbers are those of the limit before.
                for place in stride(from: m, to: precision.count, by: limits.count) {
                    (precision[place], recall[place]) = (precision[place - 1], recall[place - 1])
                }
                continue
            }
            last = ranked.count
            for a in 0..<areas where truthCounts[a] > 0 {
                for t in 0..<thresholds {
                    let bit = UInt64(1) << UInt64(t * areas + a)
                    curve.begin(truths: truthCounts[a])
                    for outcome in ranked where outcome.ignored & bit == 0 {
                        curve.add(isRight: outcome.matched & bit != 0)
                    }
                    let place = (t * areas + a) * limits.count + m
                    (precision[place], recall[place]) = curve.finish()
                }
            }
        }
        self.precision = precision
        self.recall = recall
    }
}
