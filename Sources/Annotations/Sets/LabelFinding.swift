package import Runtime

/// Something wrong in a set of labels, and what was left out for it.
package struct LabelFinding: Sendable, Hashable {
    package var finding: Finding
    /// The list whose element was left out; nil when the finding left the data as it was, or repaired it.
    package var dropped: COCOSection?
    /// Whether a part of a file is lost, and with it a number of elements that nobody knows.
    package var isPartLost: Bool

    package init(_ finding: Finding, dropped: COCOSection? = nil, isPartLost: Bool = false) {
        self.finding = finding
        self.dropped = dropped
        self.isPartLost = isPartLost
    }
}
