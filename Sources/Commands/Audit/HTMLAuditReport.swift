internal import Audit
internal import Runtime
private import Synchronization
private import Training

/// The report as one page that needs nothing else: a table of the rules that were broken, with what to do about each, and
/// the first findings of each.
final class HTMLAuditReport: AuditReport {
    /// Findings of one rule that are on the page; the table has the number of all.
    private static let shownPerRule = 50

    private let input: String
    private let console: Console
    private let shown = Mutex<[String: [Finding]]>([:])

    init(input: String, console: Console) {
        self.input = input
        self.console = console
    }

    func begin(_ kind: AuditSummary.Kind) {}

    func add(_ finding: Finding) {
        shown.withLock { shown in
            if shown[finding.rule, default: []].count < Self.shownPerRule {
                shown[finding.rule, default: []].append(finding)
            }
        }
    }

    func end(_ summary: AuditSummary, fix: AppliedFix?) {
        let findings = shown.withLock { $0 }
        var parts: [HTML] = [
            .element("h1", text: input), .element("p", ["class": "soft"], text: "samdata audit"),
            .element("p", ["class": "verdict"], text: TextAuditReport.lastLine(summary)),
        ]
        if let fix { parts.append(.element("p", text: fix.sentence)) }
        if !summary.rules.isEmpty { parts.append(Self.table(summary)) }
        for rule in summary.rules {
            parts += Self.section(rule, findings[rule.rule] ?? [])
        }
        console.result(Self.page(title: input, parts))
    }

    private static func page(title: String, _ parts: [HTML]) -> String {
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
                        "content": "default-src 'none'; style-src 'unsafe-inline'",
                    ]),
                .element("title", text: "\(title): samdata audit"), HTML.style(ReportStyle.sheet),
            ])
        let body = HTML.element("body", [:], [.element("main", [:], parts)])
        return "<!DOCTYPE html>\n" + HTML.element("html", ["lang": "en"], [head, body]).source
    }

    private static func table(_ summary: AuditSummary) -> HTML {
        let head = ["rule", "severity", "count", "meaning", "what to do"].map { HTML.element("th", text: $0) }
        let rows = summary.rules.map { rule in
            let known = AuditRules.byID[rule.rule]
            let cells = [
                rule.rule, rule.severity.rawValue, String(rule.count), known?.meaning ?? "", known?.remedy ?? "",
            ]
            return HTML.element("tr", [:], cells.map { .element("td", text: $0) })
        }
        return .element(
            "table", [:],
            [.element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], rows)])
    }

    private static func section(_ rule: AuditSummary.RuleCount, _ findings: [Finding]) -> [HTML] {
        let items = findings.map { HTML.element("li", text: $0.description) }
        let more = rule.count - findings.count
        return [.element("h2", text: rule.rule), .element("ul", [:], items)]
            + (more > 0 ? [.element("p", ["class": "soft"], text: "… and \(more) more; --json lists all")] : [])
    }
}
