private import Foundation
private import Metrics

extension EvaluationComparison {
    /// More categories than this make a page that nobody reads; those with most objects are shown.
    private static let maximumCategories = 40

    /// The report's tables, in their order.
    package var tables: [ReportTable] {
        var tables = [
            overallTable, partTable("By size of the object", "size") { if case .size = $0 { true } else { false } },
        ]
        let categories = Set(
            lines.filter { if case .category = $0.part { $0.form == .box } else { false } }
                .sorted { $0.objects > $1.objects }.prefix(Self.maximumCategories).map(\.part))
        tables.append(partTable("By class", "class") { categories.contains($0) })
        if !clickLines.isEmpty { tables += [clickTable, reachTable] }
        return tables.filter { !$0.rows.isEmpty }
    }

    /// Whether there are enough images to draw from them.
    package var hasIntervals: Bool { after.imageCount > 1 }
    private var withIntervals: String {
        hasIntervals ? ", with intervals of \(Int((bootstrap.level * 100).rounded())) %" : ""
    }

    /// Each metric of each form: before, after and the difference, or the value alone.
    private var overallTable: ReportTable {
        let isCompared = before != nil
        var table = ReportTable(
            "All objects by prompt\(withIntervals)",
            columns: ["prompt", "measure"] + (isCompared ? ["before", "after", "difference"] : ["value"]),
            textColumns: 2)
        let forms: Set<PromptForm> = [.box, .clicks(1), .clicks(after.clickCount)]
        for line in lines where line.part == .all && forms.contains(line.form) {
            for metric in MaskMetric.allCases {
                guard let change = line.changes[metric], change.after != nil else { continue }
                table.add(
                    [ReportTable.Cell(line.form.title), ReportTable.Cell(metric.title)]
                        + cells(change, metric, mark(metric, in: line)))
            }
            // They have no HD95: without a word, a model that finds nothing would look exact.
            if line.emptyAfter > 0 || (line.emptyBefore ?? 0) > 0 {
                let counts = [line.emptyBefore, line.emptyAfter].compactMap { $0 }
                table.add(
                    [ReportTable.Cell(line.form.title), "objects without a mask"]
                        + counts.map { ReportTable.Cell("\($0)") }
                        + (counts.count == 2 ? [ReportTable.Cell(Self.signed(counts[1] - counts[0]))] : []))
            }
        }
        return table
    }

    /// Dice of the lines of some parts with its intervals, and the means of the other measures.
    private func partTable(_ caption: String, _ title: String, _ isWanted: (EvaluationPart) -> Bool) -> ReportTable {
        let values = before != nil ? ["before", "after", "difference"] : ["value"]
        let others: [MaskMetric] = [.intersectionOverUnion, .boundaryIntersectionOverUnion, .hausdorff95]
        var table = ReportTable(
            "\(caption)\(withIntervals)",
            columns: [title, "prompt", "objects"] + values.map { "Dice " + $0 } + others.map(\.title), textColumns: 2)
        for line in lines where isWanted(line.part) {
            guard let change = line.changes[.dice] else { continue }
            table.add(
                [
                    ReportTable.Cell(line.part.title), ReportTable.Cell(line.form.title),
                    ReportTable.Cell("\(line.objects)"),
                ] + cells(change, .dice, mark(.dice, in: line))
                    + others.map { means(line.changes[$0], $0, mark($0, in: line)) })
        }
        return table
    }

    /// The means before and after in one cell, or that of the value alone.
    private func means(
        _ change: MetricChange?, _ metric: MaskMetric, _ mark: MetricChange.Verdict?
    ) -> ReportTable.Cell {
        let means = [change?.before, change?.after].compactMap { $0?.mean }.map { Self.number($0, metric) }
        return ReportTable.Cell(
            means.isEmpty ? "\u{2013}" : means.joined(separator: " \u{2192} "),
            verdict: mark)
    }

    private static func signed(_ count: Int) -> String { (count > 0 ? "+" : "") + "\(count)" }

    /// IoU of all objects by number of clicks.
    private var clickTable: ReportTable {
        let values = before != nil ? ["before", "after", "difference"] : ["value"]
        var table = ReportTable(
            "IoU by number of clicks\(withIntervals)", columns: ["clicks"] + values)
        for count in 1...max(1, after.clickCount) {
            let metric = MaskMetric.intersectionOverUnion
            guard let line = line(.clicks(count)), let change = line.changes[metric] else { continue }
            table.add([ReportTable.Cell("\(count)")] + cells(change, metric, mark(metric, in: line)))
        }
        return table
    }

    private var reachTable: ReportTable {
        let isCompared = before != nil
        var table = ReportTable(
            "Clicks to reach an IoU, \(after.clickCount) at most\(withIntervals)",
            columns: ["IoU"] + (isCompared ? ["before", "after", "difference"] : ["clicks"])
                + (isCompared ? ["never before", "never after"] : ["never"]))
        for line in clickLines {
            let isOfFew = after.imageCount < Self.fewestImages
            let failures = [line.failuresBefore, line.failuresAfter].compactMap { $0 }
            table.add(
                [ReportTable.Cell(String(format: "%.2f", line.threshold))]
                    + cells(line.clicks, .hausdorff95, isOfFew ? nil : line.clicks.verdict(prefersMore: false))
                    + failures.map { ReportTable.Cell("\($0)") })
        }
        return table
    }

    /// Before, after and difference, or the value alone.
    private func cells(
        _ change: MetricChange, _ metric: MaskMetric, _ mark: MetricChange.Verdict?
    ) -> [ReportTable.Cell] {
        func cell(_ interval: ConfidenceInterval?) -> ReportTable.Cell {
            ReportTable.Cell(interval.map { Self.text($0, metric) } ?? "\u{2013}")
        }
        if before == nil { return [cell(change.after)] }
        return [
            cell(change.before), cell(change.after),
            ReportTable.Cell(
                Self.difference(change, metric) ?? "\u{2013}",
                verdict: mark),
        ]
    }
}
