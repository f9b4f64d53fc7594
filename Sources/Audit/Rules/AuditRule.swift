package import Runtime

/// One thing that the audit looks for: a stable id, what it means and what to do about it.
package struct AuditRule: Sendable, Hashable {
    /// `family.name`, such as `polygon.outside`; never renamed.
    package let id: String
    /// How much a finding of this rule matters at most; a reader's finding may be milder in a harmless case.
    package let severity: Severity
    /// One sentence: what is wrong.
    package let meaning: String
    /// One sentence: what to do.
    package let remedy: String

    init(_ id: String, _ severity: Severity, _ meaning: String, remedy: String) {
        self.id = id
        self.severity = severity
        self.meaning = meaning
        self.remedy = remedy
    }

    /// The part of the id before the first point.
    package var family: String { String(id.prefix { $0 != "." }) }

    /// A finding of this rule.
    func finding(at location: DataLocation, _ message: String) -> Finding {
        Finding(rule: id, severity: severity, location: location, message: message)
    }
}

/// All rules, family by family, in the order of the documentation.
package enum AuditRules {
    package static let all =
        json + schema + polygon + rle + mask + box + agreement + object + image + labels + shard

    /// Rules by id.
    package static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    /// The rule with an id that code of this project has written.
    static func rule(_ id: String) -> AuditRule {
        guard let rule = byID[id] else { preconditionFailure("the rule \(id) is not in the table") }
        return rule
    }
}
