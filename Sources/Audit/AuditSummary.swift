package import Runtime

/// What an audit found, in numbers.
package struct AuditSummary: Sendable, Hashable {
    /// How often a rule was broken.
    package struct RuleCount: Sendable, Hashable {
        package var rule: String
        /// The severest of the findings.
        package var severity: Severity
        package var count: Int
    }

    /// What was looked at.
    package enum Kind: String, Sendable, Hashable {
        case coco
        case shards
    }

    package var kind: Kind
    package var images = 0
    package var annotations = 0
    package var categories = 0
    /// Image files, or images inside records, whose header was read.
    package var probedImages = 0
    /// Whether everything was looked at; false when the input could not be read to its end.
    package var isComplete = true
    /// Findings by severity.
    package private(set) var counts: [Severity: Int] = [:]
    private var byRule: [String: RuleCount] = [:]
    /// As ``byRule`` was before the labels were held against others.
    private var beforeComparing: [String: RuleCount]?

    package init(kind: Kind) { self.kind = kind }

    /// The rules that were broken: errors first, the most frequent first.
    package var rules: [RuleCount] {
        byRule.values.sorted { a, b in
            if a.severity != b.severity { return a.severity > b.severity }
            return a.count != b.count ? a.count > b.count : a.rule < b.rule
        }
    }

    /// The severest finding; nil when there was none.
    package var worst: Severity? { counts.keys.max() }

    /// What is left of the findings when some were fixed.
    ///
    /// - Parameter fixed: the fixed labels', which were held against nothing else.
    /// - Returns: findings by rule that are there no more, and the severest of those that are.
    package func rest(_ fixed: AuditSummary) -> (gone: [String: Int], worst: Severity?) {
        var gone: [String: Int] = [:]
        var worst = fixed.worst
        for (rule, entry) in byRule {
            let compared = entry.count - (beforeComparing?[rule]?.count ?? entry.count)
            if compared > 0 { worst = max(worst ?? entry.severity, entry.severity) }
            let less = entry.count - compared - (fixed.byRule[rule]?.count ?? 0)
            if less > 0 { gone[rule] = less }
        }
        return (gone, worst)
    }

    /// Tells findings about the labels alone from those of holding them against others, which come after.
    mutating func beginComparing() { beforeComparing = byRule }

    package func count(_ severity: Severity) -> Int { counts[severity] ?? 0 }

    mutating func count(_ finding: Finding) {
        counts[finding.severity, default: 0] += 1
        var entry = byRule[finding.rule] ?? RuleCount(rule: finding.rule, severity: finding.severity, count: 0)
        entry.severity = max(entry.severity, finding.severity)
        entry.count += 1
        byRule[finding.rule] = entry
    }
}
