package import Runtime

/// Something wrong in a set of labels, and what was left out for it.
package struct LabelFinding: Sendable, Hashable {
    package var finding: Finding
    /// The list whose element was left out; nil when the finding left the data as it was, or repaired it.
    package var dropped: COCOSection?

    package init(_ finding: Finding, dropped: COCOSection? = nil) {
        self.finding = finding
        self.dropped = dropped
    }
}
