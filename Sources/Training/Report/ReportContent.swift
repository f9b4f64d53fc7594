private import Foundation
private import Metrics
private import Runtime
internal import Shards

/// Everything that a report shows, before it becomes a page.
package struct ReportContent: Sendable {
    /// A fact and its name.
    package struct Fact: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var title: String
    package var facts: [Fact] = []
    package var comparison: RunComparison?
    package var cases: ReportCases?
    package var remarks: [String] = []
    package var curves: RunCurves?
    /// The configuration as YAML.
    package var configuration: String?

    package init(title: String) { self.title = title }

    /// A training run's.
    ///
    /// - Throws: what reading the run's metrics and records of the validation set throws.
    init(of run: RunDescription, comparison: RunComparison?, validation: ShardSet?) throws {
        title = FileSystem.lastComponent(run.folder.path)
        self.comparison = comparison
        curves = try RunCurves(path: run.folder.metricsPath)
        configuration = try run.configuration.yaml()
        if let validation, let comparison {
            cases = try ReportCases(comparison, set: validation)
            remarks = comparison.remarks
            if comparison.before == nil { remarks.append("nothing is known of the model that training began with") }
        } else {
            remarks = ["there was no validation set, so that nothing is known of how good the model is (give --val)"]
        }
        remarks += Self.remarks(on: run.state.leftOut)
        facts = Self.facts(run)
    }

    /// Records that a page lists; of more, the number is told.
    private static let listedRecords = 20

    /// What is said of records that could not be read.
    private static func remarks(on records: [LeftOutRecord]) -> [String] {
        if records.isEmpty { return [] }
        let more = records.count - listedRecords
        return ["records that could not be read were left out: \(records.count)"]
            + records.prefix(listedRecords).map { $0.finding.description }
            + (more > 0 ? ["\(more) more records are listed in metrics.jsonl"] : [])
    }

    private static func facts(_ run: RunDescription) -> [Fact] {
        let (beginning, state) = (run.beginning, run.state)
        let trained =
            beginning.trainedParameterCount == beginning.parameterCount
            ? "all trained" : "\(beginning.trainedParameterCount) of them trained"
        var facts = [
            Fact("model", "\(beginning.modelName), \(beginning.parameterCount) parameters, \(trained)"),
            Fact("started from", run.configuration.weights ?? "random weights"),
            Fact("trained on", "\(beginning.imageCount) images with \(beginning.objectCount) objects"),
        ]
        if beginning.validationImageCount > 0 {
            facts.append(Fact("validated on", "\(beginning.validationImageCount) images"))
        }
        facts.append(
            Fact("length", "\(state.closedEpochs) of \(state.plannedEpochs) epochs, \(state.step) steps"))
        if let best = state.best {
            facts.append(
                Fact("best checkpoint", String(format: "epoch %d, mean IoU %.3f", best.epoch, best.score)))
        }
        facts.append(
            Fact("time", Self.duration(run.seconds) + (run.beginning.state.step > 0 ? " since it was resumed" : "")))
        facts.append(Fact("memory", "\(ByteSize(bytes: run.peakMemoryBytes)) at most"))
        return facts
    }

    /// Seconds in words: "42 s", "3 min 20 s", "2 h 5 min".
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
