private import Runtime

/// What became of all detections, class by class.
///
/// Memory grows with the detections that count: 32 bytes for each.
package struct DetectionTally: Sendable {
    private let rules: DetectionRules
    private var outcomes: [[DetectionOutcome]]
    private var truthCounts: [[Int]]

    package init(classCount: Int, rules: DetectionRules) {
        self.rules = rules
        outcomes = Array(repeating: [], count: classCount)
        truthCounts = Array(repeating: Array(repeating: 0, count: rules.areaRanges.count), count: classCount)
    }

    /// Adds one class of one image. Images come in ascending order of their ids, as that decides between equal scores.
    ///
    /// - Parameters:
    ///   - detections: what became of them, in the order of the cell.
    ///   - truthCounts: for each area range, the objects that count.
    package mutating func add(
        _ detections: ArraySlice<DetectionOutcome>, truthCounts counts: ArraySlice<Int>, classIndex: Int
    ) {
        outcomes[classIndex].append(contentsOf: detections)
        for (area, count) in counts.enumerated() { truthCounts[classIndex][area] += count }
    }

    /// The averages of every class, in order.
    package func averages() -> [ClassAverages] {
        // Classes with the most detections first, so that the last to be ready is a short one.
        let order = outcomes.indices.sorted {
            (outcomes[$1].count, $0) < (outcomes[$0].count, $1)
        }
        let averages = try? Workers.map(order.count) { place in
            ClassAverages(outcomes[order[place]], truthCounts: truthCounts[order[place]], rules: rules)
        }
        guard let averages else { preconditionFailure("averaging throws nothing") }
        var sorted: [ClassAverages?] = Array(repeating: nil, count: order.count)
        for (place, index) in order.enumerated() { sorted[index] = averages[place] }
        return sorted.compactMap { $0 }
    }
}
