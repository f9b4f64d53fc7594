/// Gives each detection of a cell the object that it found, greedily from the best score on.
///
/// A detection takes the object with the largest overlap that is not taken, the later one of two that are equal; objects
/// that count go before those that are ignored; a crowd is never used up. A detection without an object is ignored when
/// its own area lies outside the range.
///
/// Source: `COCOeval.evaluateImg` of cocodataset/cocoapi, and `LVISEval.evaluate_img` of lvis-dataset/lvis-api. One
/// deviation: an object with id 0 can be found, which the former takes for no object.
package struct DetectionMatcher: Sendable {
    /// What was found in one cell.
    package struct Matches: Sendable, Hashable {
        /// In the order of the cell's detections.
        package var outcomes: [DetectionOutcome] = []
        /// For each area range, the objects that count.
        package var truthCounts: [Int] = []
        /// For each object, the detection that found it at the first threshold in the first area range.
        package var finders: [Int?] = []
    }

    /// An object whose overlap with a detection may be enough.
    private struct Candidate {
        var truth: Int
        var overlap: Double
    }

    private let rules: DetectionRules
    /// What an overlap must reach, one a threshold: 1 is met by masks that are equal but for rounding.
    private let attainable: [Double]
    /// Below this, no threshold makes a match.
    private let lowest: Double
    /// For each area range, its bits in a ``DetectionOutcome``.
    private let areaBits: [UInt64]
    /// For each number n, the bits of the n lowest thresholds; nil when thresholds do not ascend.
    private let thresholdBits: [UInt64]?

    // Memory that one cell after the other uses.
    /// Detections with a candidate.
    private var seekers: [Int] = []
    /// Of each of them, the candidates in the order of the labels.
    private var candidates: [Candidate] = []
    private var candidateEnds: [Int] = []
    private var isTaken: [Bool] = []
    private var isIgnored: [Bool] = []

    package init(_ rules: DetectionRules) {
        self.rules = rules
        attainable = rules.overlapThresholds.map { min($0, 1 - 1e-10) }
        lowest = attainable.min() ?? 0
        let areas = rules.areaRanges.count
        areaBits = rules.areaRanges.indices.map { area in
            rules.overlapThresholds.indices.reduce(0) { $0 | UInt64(1) << UInt64($1 * areas + area) }
        }
        let isAscending = zip(attainable, attainable.dropFirst()).allSatisfy { $0 < $1 }
        thresholdBits =
            isAscending
            ? (0...attainable.count).map { count in
                let bits = UInt64(count * areas)
                return bits >= 64 ? .max : (UInt64(1) << bits) - 1
            } : nil
    }

    /// Matches one cell.
    package mutating func match(_ cell: DetectionCell) -> Matches {
        findCandidates(cell)
        var matches = Matches()
        matches.finders = [Int?](repeating: nil, count: cell.truths.count)
        matches.outcomes.reserveCapacity(cell.detections.count)
        for (rank, detection) in cell.detections.enumerated() {
            var ignored: UInt64 = 0
            for (a, range) in rules.areaRanges.enumerated()
            where cell.ignoresUnmatched || range.excludes(detection.area) {
                ignored |= areaBits[a]
            }
            // As if it found nothing.
            matches.outcomes.append(DetectionOutcome(score: detection.score, rank: rank, matched: 0, ignored: ignored))
        }
        matches.truthCounts.reserveCapacity(rules.areaRanges.count)
        for (a, range) in rules.areaRanges.enumerated() {
            isIgnored.removeAll(keepingCapacity: true)
            var count = 0
            for truth in cell.truths {
                let ignores = truth.isIgnored || range.excludes(truth.area)
                isIgnored.append(ignores)
                if !ignores { count += 1 }
            }
            matches.truthCounts.append(count)
            if seekers.isEmpty { continue }
            if let thresholdBits, haveOwnCandidates {
                matchOwn(cell, thresholdBits, area: a, &matches)
            } else {
                for t in attainable.indices { match(cell, threshold: t, area: a, &matches) }
            }
        }
        return matches
    }

    /// Whether no two detections want the same object, and each wants one: what most cells are like.
    private var haveOwnCandidates: Bool {
        guard candidates.count == seekers.count else { return false }
        for index in candidates.indices.dropFirst() {
            for other in 0..<index where candidates[index].truth == candidates[other].truth { return false }
            if index >= 8 { return false }
        }
        return true
    }

    /// Each detection takes its object at every threshold that the overlap reaches.
    private func matchOwn(_ cell: DetectionCell, _ thresholdBits: [UInt64], area a: Int, _ matches: inout Matches) {
        for (index, d) in seekers.enumerated() {
            let candidate = candidates[index]
            var reached = 0
            while reached < attainable.count && candidate.overlap >= attainable[reached] { reached += 1 }
            let bits = thresholdBits[reached] & areaBits[a]
            matches.outcomes[d].matched |= bits
            if isIgnored[candidate.truth] {
                matches.outcomes[d].ignored |= bits
            } else {
                matches.outcomes[d].ignored &= ~bits
            }
            if a == 0 && reached > 0 { matches.finders[candidate.truth] = d }
        }
    }

    private mutating func findCandidates(_ cell: DetectionCell) {
        seekers.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        candidateEnds.removeAll(keepingCapacity: true)
        let truths = cell.truths.count
        for d in cell.detections.indices {
            let before = candidates.count
            for g in 0..<truths {
                let overlap = cell.overlaps[d * truths + g]
                if overlap >= lowest { candidates.append(Candidate(truth: g, overlap: overlap)) }
            }
            if candidates.count == before { continue }
            seekers.append(d)
            candidateEnds.append(candidates.count)
        }
    }

    private mutating func match(_ cell: DetectionCell, threshold t: Int, area a: Int, _ matches: inout Matches) {
        isTaken.removeAll(keepingCapacity: true)
        isTaken.append(contentsOf: repeatElement(false, count: cell.truths.count))
        let bit = UInt64(1) << UInt64(t * rules.areaRanges.count + a)
        var start = 0
        for (seeker, d) in seekers.enumerated() {
            let end = candidateEnds[seeker]
            defer { start = end }
            guard let g = best(start..<end, cell, overlap: attainable[t]) else { continue }
            isTaken[g] = true
            matches.outcomes[d].matched |= bit
            if isIgnored[g] { matches.outcomes[d].ignored |= bit } else { matches.outcomes[d].ignored &= ~bit }
            if t == 0 && a == 0 { matches.finders[g] = d }
        }
    }

    /// The object that a detection takes.
    private func best(_ range: Range<Int>, _ cell: DetectionCell, overlap threshold: Double) -> Int? {
        var best: Int?
        var overlap = threshold
        var isBestIgnored = true
        for index in range {
            let candidate = candidates[index]
            let ignores = isIgnored[candidate.truth]
            if candidate.overlap < threshold || ignores && !isBestIgnored { continue }
            if isTaken[candidate.truth] && !cell.truths[candidate.truth].takesMany { continue }
            // The first that counts replaces whatever is ignored.
            if ignores == isBestIgnored && candidate.overlap < overlap { continue }
            best = candidate.truth
            overlap = candidate.overlap
            isBestIgnored = ignores
        }
        return best
    }
}
