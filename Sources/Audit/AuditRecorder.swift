package import Runtime

/// Where findings go: counted, and handed on one by one, so that nothing grows with their number.
package struct AuditRecorder {
    package let selection: RuleSelection
    package var summary: AuditSummary
    private let sink: (Finding) throws -> Void

    /// - Parameter sink: takes each finding of a selected rule, in the order in which they are made.
    package init(kind: AuditSummary.Kind, selection: RuleSelection, sink: @escaping (Finding) throws -> Void) {
        self.selection = selection
        self.sink = sink
        summary = AuditSummary(kind: kind)
    }

    /// Counts and hands on a finding, unless its rule is not selected.
    mutating func record(_ finding: Finding) throws {
        // A reader's rule that the table lacks cannot be deselected; a test keeps the table complete.
        guard selection.contains(finding.rule) || AuditRules.byID[finding.rule] == nil else { return }
        summary.count(finding)
        try sink(finding)
    }

    mutating func record(_ rule: String, at location: DataLocation, _ message: String) throws {
        try record(AuditRules.rule(rule).finding(at: location, message))
    }
}
