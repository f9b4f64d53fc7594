/// The segments of a predicted id map beside those of the true one.
///
/// A true and a predicted segment of one class are the same when their intersection over union, without the pixels where
/// the truth is void, is over one half; there is at most one such partner. A predicted segment without a partner does not
/// count when more than half of it lies on void pixels or on a crowd of its class.
///
/// Source: Kirillov et al., "Panoptic Segmentation", CVPR 2019; cocodataset/panopticapi `evaluation.py`.
package struct PanopticComparison: Sendable {
    /// Pixels with this id belong to no segment.
    package static let void: UInt32 = 0

    /// Pixels by true and predicted id: the true one in the upper half.
    private var shared: [UInt64: Int] = [:]
    /// Pixels of each predicted id.
    package private(set) var predictedAreas: [UInt32: Int] = [:]
    /// Pixels of each true id.
    package private(set) var truthAreas: [UInt32: Int] = [:]

    /// - Parameters:
    ///   - truth: an id for each pixel.
    ///   - prediction: of the same pixels.
    package init(truth: [UInt32], prediction: [UInt32]) {
        precondition(truth.count == prediction.count, "\(truth.count) and \(prediction.count) pixels")
        var index = 0
        // Segments are made of runs: one look-up for each.
        while index < truth.count {
            let (a, b) = (truth[index], prediction[index])
            var end = index + 1
            while end < truth.count && truth[end] == a && prediction[end] == b { end += 1 }
            shared[Self.key(a, b), default: 0] += end - index
            index = end
        }
        for (key, count) in shared {
            truthAreas[UInt32(key >> 32), default: 0] += count
            predictedAreas[UInt32(truncatingIfNeeded: key), default: 0] += count
        }
    }

    private static func key(_ truth: UInt32, _ prediction: UInt32) -> UInt64 {
        UInt64(truth) << 32 | UInt64(prediction)
    }

    private func shared(_ truth: UInt32, _ prediction: UInt32) -> Int { shared[Self.key(truth, prediction)] ?? 0 }

    /// What was found, for each class that plays a part.
    ///
    /// - Parameters:
    ///   - truth: the true segments, each id once.
    ///   - predicted: the predicted segments that have pixels, each id once.
    package func counts(truth: [PanopticSegment], predicted: [PanopticSegment]) -> [Int: PanopticCounts] {
        var counts: [Int: PanopticCounts] = [:]
        let truthPlaces = Dictionary(uniqueKeysWithValues: truth.enumerated().map { ($1.id, $0) })
        let places = Dictionary(uniqueKeysWithValues: predicted.enumerated().map { ($1.id, $0) })
        var isFound = [Bool](repeating: false, count: truth.count)
        var isMatched = [Bool](repeating: false, count: predicted.count)
        // In the reference's order, as sums depend on it.
        for key in shared.keys.sorted() {
            guard let g = truthPlaces[UInt32(key >> 32)], let p = places[UInt32(truncatingIfNeeded: key)],
                !truth[g].isCrowd, truth[g].classIndex == predicted[p].classIndex
            else { continue }
            let overlap = overlap(truth[g], predicted[p])
            guard overlap > 0.5 else { continue }
            counts[truth[g].classIndex, default: PanopticCounts()].found += 1
            counts[truth[g].classIndex, default: PanopticCounts()].overlapSum += overlap
            isFound[g] = true
            isMatched[p] = true
        }
        var crowds: [Int: UInt32] = [:]
        for (index, segment) in truth.enumerated() where !isFound[index] {
            if segment.isCrowd {
                // Of several crowds of one class the reference looks at the last.
                crowds[segment.classIndex] = segment.id
            } else {
                counts[segment.classIndex, default: PanopticCounts()].missed += 1
            }
        }
        for (index, segment) in predicted.enumerated() where !isMatched[index] {
            var excused = shared(Self.void, segment.id)
            if let crowd = crowds[segment.classIndex] { excused += shared(crowd, segment.id) }
            if Double(excused) / Double(predictedAreas[segment.id] ?? 0) > 0.5 { continue }
            counts[segment.classIndex, default: PanopticCounts()].madeUp += 1
        }
        return counts
    }

    private func overlap(_ truth: PanopticSegment, _ prediction: PanopticSegment) -> Double {
        let intersection = shared(truth.id, prediction.id)
        guard intersection > 0 else { return 0 }
        let area = truth.area ?? truthAreas[truth.id] ?? 0
        let union =
            (predictedAreas[prediction.id] ?? 0) + area - intersection - shared(Self.void, prediction.id)
        return Double(intersection) / Double(union)
    }
}
