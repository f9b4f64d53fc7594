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

    /// What was found about one element.
    ///
    /// - Parameters:
    ///   - findings: in the order in which they were made; the last error is the one for which an element goes.
    ///   - dropped: the list that lost the element, which counts once however much was wrong with it; nil when it is used.
    package static func about(_ findings: [Finding], dropped: COCOSection?) -> [LabelFinding] {
        let cause = dropped == nil ? nil : findings.lastIndex { $0.severity == .error }
        return findings.enumerated().map { LabelFinding($1, dropped: $0 == cause ? dropped : nil) }
    }
}
