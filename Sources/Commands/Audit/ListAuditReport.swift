internal import Audit
internal import JSONText
internal import Runtime

/// A JSON document of an audit in which the findings stand in a list: what is before, in and after it.
protocol AuditDocument {
    /// The document up to the list's opening bracket.
    static func head(_ kind: AuditSummary.Kind, input: String) -> String
    /// An element of the list.
    static func element(_ finding: Finding, input: String) -> JSONValue
    /// The document after the list's closing bracket.
    ///
    /// - Parameter fix: what `--fix` has written; nil without it.
    static func tail(_ summary: AuditSummary, fix: AppliedFix?) -> String
}

/// Writes such a document, one finding a line, while findings come.
final class ListAuditReport<Document: AuditDocument>: AuditReport {
    private let input: String
    private let output: JSONListOutput

    init(input: String, console: Console) {
        self.input = input
        output = JSONListOutput(console: console)
    }

    func begin(_ kind: AuditSummary.Kind) { output.begin(Document.head(kind, input: input)) }

    func add(_ finding: Finding) { output.add(Document.element(finding, input: input)) }

    func end(_ summary: AuditSummary, fix: AppliedFix?) { output.end(Document.tail(summary, fix: fix)) }

    /// What has been begun is a document nevertheless, which says that it is not complete.
    func interrupt(_ summary: AuditSummary) { end(summary, fix: nil) }
}
