internal import Audit
internal import JSONText
internal import Runtime

/// The table of all audit rules.
enum RuleListing {
    /// A heading a family, a bullet a rule: to be read as it is, or as Markdown.
    static var markdown: String {
        var lines = ["# Rules of samdata audit"]
        var family = ""
        for rule in AuditRules.all {
            if rule.family != family {
                family = rule.family
                lines += ["", "## \(family)", ""]
            }
            lines += [
                "- `\(rule.id)` (\(rule.severity.rawValue)): \(rule.meaning)",
                "  *\(rule.remedy)*",
            ]
        }
        return lines.joined(separator: "\n")
    }

    static var json: String {
        let rules = AuditRules.all.map { rule -> JSONValue in
            [
                "rule": .string(rule.id), "severity": .string(rule.severity.rawValue), "meaning": .string(rule.meaning),
                "remedy": .string(rule.remedy),
            ]
        }
        let document: JSONValue = ["schema_version": 1, "command": "audit --list-rules", "rules": .array(rules)]
        return document.text(pretty: true)
    }
}
