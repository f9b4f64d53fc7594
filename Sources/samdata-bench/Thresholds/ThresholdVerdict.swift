/// What became of a threshold.
struct ThresholdVerdict: Codable, Hashable {
    /// How a measurement compares with its threshold.
    enum Outcome: String, Codable {
        /// At or above a ratio, at or below a limit of memory.
        case reached
        /// On the wrong side of it.
        case missed
        /// The machine did other work, so that there is no ratio.
        case busy
        /// The case was not run, or its peer was not there or failed.
        case notMeasured = "not_measured"
    }

    /// What was to be reached.
    let threshold: Threshold
    /// Whether it was.
    let outcome: Outcome
    /// The ratio, or bytes of memory; nil where neither was measured.
    let value: Double?

    /// Compares a threshold with what was measured.
    init(_ threshold: Threshold, measurements: [CaseResult]) {
        self.threshold = threshold
        let result = measurements.first { $0.caseName == threshold.caseName && $0.threads == threshold.threads }
        if let limit = threshold.maximumPeakMemoryBytes {
            value = result.map { Double($0.ours.peakMemoryBytes) }
            outcome = result.map { $0.ours.peakMemoryBytes <= limit ? .reached : .missed } ?? .notMeasured
        } else if let limit = threshold.minimumRatio, let peer = threshold.peer {
            let compared = result?.result(of: peer)
            value = compared?.ratio
            let isBusy = compared?.timing != nil && result?.load.isQuiet == false
            outcome = value.map { $0 >= limit ? .reached : .missed } ?? (isBusy ? .busy : .notMeasured)
        } else {
            value = nil
            outcome = .notMeasured
        }
    }
}
