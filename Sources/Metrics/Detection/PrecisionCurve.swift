/// Precision over recall, built up detection by detection from the best score on.
///
/// precision = right / (right + wrong), recall = right / objects; each precision is then raised to the largest one at a
/// larger recall, and read off at the recall thresholds; where a recall is never reached it is 0. Recall grows with the
/// detections that are right, and precision falls with all others, so that only the former are kept.
///
/// Source: `COCOeval.accumulate` of cocodataset/cocoapi.
struct PrecisionCurve {
    private let recallThresholds: [Double]
    private var truths = 0
    private var count = 0
    /// Precision at each detection that is right.
    private var precisions: [Double] = []
    /// What `numpy.spacing(1)` is, in the reference's denominator.
    private static let spacing = Double.ulpOfOne

    init(recallThresholds: [Double]) { self.recallThresholds = recallThresholds }

    mutating func begin(truths: Int) {
        self.truths = truths
        count = 0
        precisions.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func add(isRight: Bool) {
        count += 1
        guard isRight else { return }
        let right = Double(precisions.count + 1)
        precisions.append(right / (Double(count) + Self.spacing))
    }

    /// The mean precision over the recall thresholds, and the largest recall.
    mutating func finish() -> (precision: Double, recall: Double) {
        for index in stride(from: precisions.count - 1, to: 0, by: -1)
        where precisions[index] > precisions[index - 1] {
            precisions[index - 1] = precisions[index]
        }
        var sum = 0.0
        var index = 0
        for threshold in recallThresholds {
            while index < precisions.count && Double(index + 1) / Double(truths) < threshold { index += 1 }
            if index == precisions.count { break }
            sum += precisions[index]
        }
        return (sum / Double(recallThresholds.count), Double(precisions.count) / Double(truths))
    }
}
