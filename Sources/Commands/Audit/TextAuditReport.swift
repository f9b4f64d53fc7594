internal import Audit
internal import Runtime
private import Synchronization

/// The report for people: the first findings of each rule, a table of all rules that were broken, and a last line.
final class TextAuditReport: AuditReport {
    /// Findings of one rule that are written out; the table has the number of all.
    static let shownPerRule = 10

    private let input: String
    private let console: Console
    private let shown = Mutex<[String: Int]>([:])

    init(input: String, console: Console) {
        self.input = input
        self.console = console
    }

    func begin(_ kind: AuditSummary.Kind) {}

    func add(_ finding: Finding) {
        let count = shown.withLock { shown in
            shown[finding.rule, default: 0] += 1
            return shown[finding.rule, default: 0]
        }
        if count <= Self.shownPerRule { console.result(finding.description) }
    }

    func end(_ summary: AuditSummary, fix: AppliedFix?) {
        if !summary.rules.isEmpty { console.result("\n" + table(summary) + "\n") }
        console.result(Self.lastLine(summary))
        if let fix { console.result(fix.sentence + ".") }
    }

    private func table(_ summary: AuditSummary) -> String {
        var table = TextTable([("rule", .left), ("severity", .left), ("count", .right), ("meaning", .left)])
        for rule in summary.rules {
            table.add([
                rule.rule, rule.severity.rawValue, String(rule.count), AuditRules.byID[rule.rule]?.meaning ?? "",
            ])
        }
        let hidden = summary.rules.filter { $0.count > Self.shownPerRule }
        let note =
            hidden.isEmpty
            ? "" : "\n\nThe first \(Self.shownPerRule) findings of each rule are shown; --json lists all."
        return table.render() + note
    }

    /// `2 errors, 1 warning and no notes in …`.
    static func lastLine(_ summary: AuditSummary) -> String {
        func number(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
        let found =
            summary.worst == nil
            ? "No findings"
            : [
                number(summary.count(.error), "error", "errors"),
                number(summary.count(.warning), "warning", "warnings"),
                number(summary.count(.note), "note", "notes"),
            ].joined(separator: ", ")
        var seen = [
            number(
                summary.images, summary.kind == .coco ? "image" : "record", summary.kind == .coco ? "images" : "records"
            ),
            number(summary.annotations, "annotation", "annotations"),
            number(summary.categories, "category", "categories"),
        ].joined(separator: ", ")
        if summary.kind == .coco && summary.probedImages > 0 {
            seen += ", \(number(summary.probedImages, "image file", "image files")) read"
        }
        let end = summary.isComplete ? "" : " The input could not be read to its end."
        return "\(found) in \(seen).\(end)"
    }
}
