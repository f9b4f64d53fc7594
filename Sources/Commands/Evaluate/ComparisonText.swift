private import Foundation
private import Metrics
internal import Training

/// A model beside the one that it came from, as text: a table of the differences, clicks, and what there is to warn of.
struct ComparisonText {
    private let comparison: RunComparison

    init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The whole text; lines end without a newline at the end.
    var text: String {
        let figures = comparison.figures
        var parts = [figures.sentence, "", table]
        if !figures.clickLines.isEmpty { parts += ["", clickTable] }
        if let after = comparison.after.automatic, after.skipped == nil, after.objects > 0 {
            parts += ["", Self.automatic(after, before: comparison.before?.automatic)]
        }
        if let latency = comparison.after.latency {
            parts += ["", Self.speed(latency, before: comparison.before?.latency)]
        }
        if !comparison.remarks.isEmpty { parts += [""] + comparison.remarks.map { "Note: \($0)" } }
        if !comparison.warnings.isEmpty { parts += [""] + comparison.warnings.map { "Warning: \($0.onOneLine)" } }
        return parts.joined(separator: "\n")
    }

    private var isCompared: Bool { comparison.figures.before != nil }

    /// Dice and IoU of all objects by prompt, with intervals.
    private var table: String {
        let metrics: [MaskMetric] = [.dice, .intersectionOverUnion]
        var columns: [(title: String, alignment: TextTable.Alignment)] = [("prompt", .left)]
        for metric in metrics {
            columns +=
                isCompared
                ? [("\(metric.title) before", .right), ("after", .right), ("difference [95 %]", .left)]
                : [("\(metric.title) [95 %]", .left)]
        }
        var table = TextTable(columns)
        for line in comparison.figures.lines where line.part == .all {
            table.add(
                [line.form.title]
                    + metrics.flatMap { metric in line.changes[metric].map { cells($0, metric) } ?? [] })
        }
        return table.render()
    }

    private var clickTable: String {
        let values: [(title: String, alignment: TextTable.Alignment)] =
            isCompared
            ? [("before", .right), ("after", .right), ("difference [95 %]", .left)] : [("clicks [95 %]", .left)]
        var table = TextTable([("clicks to IoU", .left)] + values + [("never", .right)])
        for line in comparison.figures.clickLines {
            table.add(
                [EvaluationComparison.number(line.threshold, .hausdorff95)] + cells(line.clicks, .hausdorff95)
                    + ["\(line.failuresAfter)"])
        }
        return table.render()
    }

    private func cells(_ change: MetricChange, _ metric: MaskMetric) -> [String] {
        guard isCompared else { return [change.after.map { EvaluationComparison.text($0, metric) } ?? "-"] }
        return [change.before, change.after].map { $0.map { EvaluationComparison.number($0.mean, metric) } ?? "-" }
            + [EvaluationComparison.difference(change, metric) ?? "-"]
    }

    private static func automatic(_ after: AutomaticMaskCheck, before: AutomaticMaskCheck?) -> String {
        func percent(_ check: AutomaticMaskCheck) -> String { "\(Int((100 * check.recall).rounded())) %" }
        let earlier = before.flatMap { $0.skipped == nil ? $0 : nil }
        return
            "automatic masks: \(after.masks) find \(percent(after)) of \(after.objects) objects in \(after.images) images"
            + (earlier.map { " (before: \($0.masks) find \(percent($0)))" } ?? "")
    }

    /// Times of an image, of both models where both were measured.
    private static func speed(_ after: LatencyProbe, before: LatencyProbe?) -> String {
        let models: [(title: String, alignment: TextTable.Alignment)] = before == nil ? [] : [("model", .left)]
        var table = TextTable(
            [("time of an image", .left)] + models + [("p50", .right), ("p95", .right), ("images/s", .right)])
        for (number, work) in after.works.enumerated() {
            let measured = [("before", before?.works[number].times), ("after", work.times)]
            for case (let model, let times?) in measured {
                table.add(
                    [work.name] + (before == nil ? [] : [model]) + [
                        milliseconds(times.median), milliseconds(times.percentile95),
                        String(format: "%.4g", times.imagesPerSecond),
                    ])
            }
        }
        return table.render()
    }

    private static func milliseconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10_000).rounded())
        return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) ms" : "\(tenths / 10) ms"
    }
}
