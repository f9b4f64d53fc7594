internal import Audit
internal import Runtime

/// Writes an audit's findings as they come, and its summary at the end.
protocol AuditReport {
    func begin(_ kind: AuditSummary.Kind)
    func add(_ finding: Finding)
    /// - Parameter fix: what `--fix` has written; nil without it.
    func end(_ summary: AuditSummary, fix: AppliedFix?)
}
