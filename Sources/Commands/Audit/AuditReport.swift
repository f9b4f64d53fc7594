internal import Audit
internal import Runtime

/// Writes an audit's findings as they come, and its summary at the end.
protocol AuditReport {
    func begin(_ kind: AuditSummary.Kind)
    func add(_ finding: Finding)
    /// - Parameter fix: what `--fix` has written; nil without it.
    func end(_ summary: AuditSummary, fix: AppliedFix?)
    /// Ends a report that has begun when the audit failed; the failure itself is told elsewhere.
    func interrupt(_ summary: AuditSummary)
}

extension AuditReport {
    /// Findings for people stand by themselves, and a page is written at the end or not at all.
    func interrupt(_ summary: AuditSummary) {}
}
