import Foundation

/// Everything that one run of the bench found out; its form is `schemas/bench.schema.json`.
struct BenchResults: Codable {
    /// Of the form; 1.
    let schemaVersion: Int
    /// When it began, in UTC.
    let date: String
    /// What was measured on.
    let machine: Machine
    /// What was measured.
    let versions: Versions
    /// One for each number of threads.
    var peaks: [PeakRate] = []
    /// One for each case and number of threads, in the order in which they were made.
    var measurements: [CaseResult] = []
    /// What became of every threshold.
    private(set) var thresholds: [ThresholdVerdict] = []

    /// Results without measurements yet.
    init(machine: Machine, versions: Versions) {
        schemaVersion = 1
        date = ISO8601DateFormatter().string(from: Date())
        self.machine = machine
        self.versions = versions
    }

    /// Holds the measurements against thresholds.
    mutating func judge(by thresholds: [Threshold]) {
        self.thresholds = thresholds.map { ThresholdVerdict($0, measurements: measurements) }
    }

    /// Whether a threshold is missed; what was not measured is not missed.
    var isMissingAny: Bool { thresholds.contains { $0.outcome == .missed } }
}
