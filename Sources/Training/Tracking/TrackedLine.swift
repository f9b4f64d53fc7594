package import JSONText

/// A line of `metrics.jsonl` as trackers take it: names and numbers at a step.
///
/// Every number of a line becomes a metric, so that what is logged is tracked: those of a step below `train/`, those of
/// the end of an epoch below `epoch/`, the parts of its objects below their own names, such as `validation/box/iou`, and
/// those of other lines below their kind.
package struct TrackedLine: Sendable, Hashable {
    /// A name with `/` between its parts, and a finite number.
    package struct Metric: Sendable, Hashable {
        package let name: String
        package let value: Double
    }

    /// When in a run a line is written, or a metric belongs to.
    package enum Moment: Sendable, Hashable {
        /// A step was made, or left out.
        case step
        /// After the step's own line: an epoch ended, or the run had not begun yet.
        case epochEnd
        /// The run was compared with its beginning.
        case runEnd
    }

    /// What the metrics of steps are called before the `/`.
    private static let stepGroup = "train"
    /// What the metrics of the comparison at a run's end begin with.
    private static let endGroup = "evaluation/end"

    /// Optimiser steps that were done.
    package let step: Int
    /// Epoch in progress or done, from 1.
    package let epoch: Int
    /// Whether the line is not of a step but of the end of an epoch.
    package let isEpochEnd: Bool
    /// When it was written, in seconds since 1970.
    package let time: Double
    /// In the order of the line.
    package let metrics: [Metric]

    /// - Returns: nil for a line without kind or step, or of a record that was left out, which is not the trackers'.
    package init?(_ line: JSONValue, time: Double) {
        guard let kind = line["kind"]?.string, kind != "left_out", let step = line["step"]?.int else { return nil }
        self.step = step
        self.time = time
        epoch = line["epoch"]?.int ?? 0
        isEpochEnd = kind != "step" && kind != "skipped"
        var group = isEpochEnd ? kind : Self.stepGroup
        // Evaluations of the whole run, of which there are several kinds.
        if let moment = line["moment"]?.string { group += "/" + moment }
        var metrics: [Metric] = []
        for member in line.object ?? [] where !["kind", "step", "epoch"].contains(member.name) {
            let isGroup = kind == "epoch" && member.value.object != nil
            Self.append(member.value, named: isGroup ? member.name : group + "/" + member.name, to: &metrics)
        }
        self.metrics = metrics
    }

    private static func append(_ value: JSONValue, named name: String, to metrics: inout [Metric]) {
        if let number = value.double, number.isFinite { metrics.append(Metric(name: name, value: number)) }
        for member in value.object ?? [] { append(member.value, named: name + "/" + member.name, to: &metrics) }
        // Rows by number of clicks: `clicks/3/iou`.
        for row in value.array ?? [] {
            guard let clicks = row["clicks"]?.int else { continue }
            for member in row.object ?? [] where member.name != "clicks" {
                append(member.value, named: "\(name)/\(clicks)/\(member.name)", to: &metrics)
            }
        }
    }

    /// The moment that a metric of this name belongs to.
    static func moment(of name: String) -> Moment {
        if name.hasPrefix(stepGroup + "/") { return .step }
        return name.hasPrefix(endGroup + "/") ? .runEnd : .epochEnd
    }
}
