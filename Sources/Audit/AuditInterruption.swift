/// A failure in the middle of an audit, when findings have been reported already.
package struct AuditInterruption: Error {
    /// What was found until then; it is not complete.
    package private(set) var summary: AuditSummary
    /// Why there is no more.
    package let cause: any Error

    init(_ summary: AuditSummary, _ cause: any Error) {
        self.summary = summary
        self.summary.isComplete = false
        self.cause = cause
    }
}
