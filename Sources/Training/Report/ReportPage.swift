private import Foundation
private import Metrics

/// The report as one page that needs nothing else: no network, no script.
package struct ReportPage: Sendable {
    private let content: ReportContent

    package init(_ content: ReportContent) { self.content = content }

    /// The whole page; also well-formed XML.
    package var html: String {
        let head = HTML.element(
            "head", [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                // Whatever a name in the data might hold, nothing is loaded and nothing is run.
                .element(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                    ]),
                .element("title", text: "\(content.title): samdata report"), HTML.style(ReportStyle.sheet),
            ])
        let parts = [header, verdict, warnings, facts, remarks, charts, tables, cost, cases, configuration]
        let body = HTML.element("body", [:], [.element("main", [:], parts.flatMap { $0 })])
        return "<!DOCTYPE html>\n" + HTML.element("html", ["lang": "en"], [head, body]).source + "\n"
    }

    // MARK: Top

    private var header: [HTML] {
        [
            .element("h1", text: content.title),
            .element("p", ["class": "soft"], text: "samdata report"),
        ]
    }

    private var verdict: [HTML] {
        guard let figures = content.comparison?.figures else { return [] }
        let kind = figures.verdict.map { " " + $0.rawValue } ?? ""
        return [
            .element("p", ["class": "verdict" + kind], text: figures.sentence.replacing(" -> ", with: " \u{2192} "))
        ]
    }

    private var warnings: [HTML] {
        let warnings = content.comparison?.warnings ?? []
        if warnings.isEmpty { return [] }
        return [
            .element(
                "section", ["class": "warnings", "role": "alert"],
                [
                    .element("h2", text: warnings.count == 1 ? "Warning" : "\(warnings.count) warnings"),
                    Self.list(warnings),
                ]
            )
        ]
    }

    private var facts: [HTML] {
        if content.facts.isEmpty { return [] }
        let pairs = content.facts.flatMap { [HTML.element("dt", text: $0.name), HTML.element("dd", text: $0.value)] }
        return [.element("dl", [:], pairs)]
    }

    private var remarks: [HTML] {
        if content.remarks.isEmpty { return [] }
        return [
            .element(
                "ul", ["class": "soft"], content.remarks.map { .element("li", text: $0) })
        ]
    }

    private static func list(_ lines: [String]) -> HTML { .element("ul", [:], lines.map { .element("li", text: $0) }) }

    // MARK: Charts and tables

    private var charts: [HTML] {
        let charts = [
            content.comparison?.figures.clickChart, content.curves?.validationChart, content.curves?.lossChart,
            content.curves?.rateChart,
        ].compactMap { $0 }.filter { !$0.isEmpty }
        if charts.isEmpty { return [] }
        return [
            .element("h2", text: "Curves"), .element("div", ["class": "charts"], charts.map(\.html)),
        ]
    }

    private var tables: [HTML] {
        guard let figures = content.comparison?.figures else { return [] }
        let level = Int((figures.bootstrap.level * 100).rounded())
        let brackets =
            "In brackets: \(level) % intervals by the bootstrap, \(figures.bootstrap.resamples) resamples of images; "
        let note =
            (figures.hasIntervals ? brackets : "")
            + (figures.before == nil
                ? ""
                : "differences are paired by object. \u{25B2} and \u{25BC} mark those whose interval lies on one side of 0, of fewer "
                    + "than \(EvaluationComparison.fewestImages) images deep ones alone. ")
            + "HD95: 95th percentile of the distances from one edge to the other, the larger of both ways, over the objects whose "
            + "mask is not empty; "
            + "less is better. Boundary IoU: band of 2 % of the diagonal."
        return [.element("h2", text: "How good it is")] + figures.tables.map(\.html)
            + [.element("p", ["class": "soft"], text: note)]
    }

    private var cost: [HTML] {
        guard let comparison = content.comparison else { return [] }
        var tables: [HTML] = []
        if let latency = comparison.after.latency {
            tables.append(Self.latencyTable(latency, before: comparison.before?.latency).html)
        }
        if let after = comparison.after.automatic, after.skipped == nil, after.objects > 0 {
            tables.append(Self.automaticTable(after, before: comparison.before?.automatic).html)
        }
        return tables.isEmpty ? [] : [.element("h2", text: "Speed and automatic masks")] + tables
    }

    private static func latencyTable(_ after: LatencyProbe, before: LatencyProbe?) -> ReportTable {
        var table = ReportTable(
            "Time of an image on \(after.threads) thread\(after.threads == 1 ? "" : "s")",
            columns: ["work"] + (before == nil ? [] : ["model"]) + [
                "median (p50)", "95 of 100 below (p95)", "images per second", "runs",
            ], textColumns: before == nil ? 1 : 2)
        for (number, work) in after.works.enumerated() {
            let measured = [("before", before?.works[number].times), ("after", work.times)]
            for case (let model, let times?) in measured {
                table.add(
                    [ReportTable.Cell(work.name)] + (before == nil ? [] : [ReportTable.Cell(model)]) + [
                        .init(milliseconds(times.median)), .init(milliseconds(times.percentile95)),
                        .init(String(format: "%.4g", times.imagesPerSecond)), .init("\(times.runs)"),
                    ])
            }
        }
        return table
    }

    private static func milliseconds(_ seconds: Double) -> String {
        seconds < 10
            ? String(format: seconds < 0.1 ? "%.1f ms" : "%.0f ms", 1000 * seconds) : String(format: "%.1f s", seconds)
    }

    private static func automaticTable(_ after: AutomaticMaskCheck, before: AutomaticMaskCheck?) -> ReportTable {
        let side = AutomaticMaskCheck.pointsPerSide
        let (least, stable) = (AutomaticMaskCheck.leastPredictedIoU, AutomaticMaskCheck.leastStability)
        var table = ReportTable(
            "Automatic masks on \(after.images) image\(after.images == 1 ? "" : "s") with \(after.objects) objects, from a "
                + "grid of \(side) x \(side) points: those with a predicted IoU of at least \(least) and a stability of "
                + "\(stable)", columns: ["model", "masks", "objects found", "mean best IoU"])
        for (name, check) in [("before", before), (before == nil ? "model" : "after", after)] {
            guard let check, check.skipped == nil else { continue }
            table.add([
                .init(name), .init("\(check.masks)"), .init(String(format: "%.0f %%", 100 * check.recall)),
                .init(String(format: "%.3f", check.meanBestIoU)),
            ])
        }
        return table
    }

    // MARK: Bottom

    private var cases: [HTML] {
        guard let cases = content.cases else { return [] }
        func section(_ title: String, _ cases: [ReportCase]) -> [HTML] {
            if cases.isEmpty { return [] }
            return [
                .element("h2", text: title),
                .element("div", ["class": "cases"], cases.map(Self.figure)),
            ]
        }
        let parts = section("Worst cases", cases.worst) + section("Best cases with boxes", cases.best)
        if parts.isEmpty { return [] }
        let note =
            "White: the label's outline. Colour: the mask\(content.comparison?.before == nil ? "" : ", before and after")."
            + " Yellow: the box, red: the point that was given."
        return parts + [.element("p", ["class": "soft"], text: note)]
    }

    private static func figure(_ one: ReportCase) -> HTML {
        .element(
            "figure", [:],
            [
                .element(
                    "img",
                    [
                        "alt": one.alternative,
                        "src": "data:image/png;base64," + Data(one.picture).base64EncodedString(),
                    ]),
                .element("figcaption", text: one.caption),
            ])
    }

    private var configuration: [HTML] {
        guard let yaml = content.configuration else { return [] }
        return [
            .element("details", [:], [.element("summary", text: "Configuration"), .element("pre", text: yaml)])
        ]
    }
}
