internal import Audit
internal import JSONText
internal import Runtime

/// The report for programs, one JSON document as `schemas/audit.schema.json` describes it, one finding a line.
enum JSONAuditDocument: AuditDocument {
    static func head(_ kind: AuditSummary.Kind, input: String) -> String {
        """
        {
        "schema_version": 1,
        "command": "audit",
        "input": \(JSONValue.string(input).text()),
        "kind": "\(kind.rawValue)",
        "findings": [
        """
    }

    static func tail(_ summary: AuditSummary, fix: AppliedFix?) -> String {
        let rules = JSONValue.array(
            summary.rules.map { rule in
                [
                    "rule": .string(rule.rule), "severity": .string(rule.severity.rawValue),
                    "count": .integer(Int64(rule.count)),
                ]
            })
        let members: [(String, JSONValue)] = [
            ("rules", rules), ("errors", .integer(Int64(summary.count(.error)))),
            ("warnings", .integer(Int64(summary.count(.warning)))), ("notes", .integer(Int64(summary.count(.note)))),
            ("images", .integer(Int64(summary.images))), ("annotations", .integer(Int64(summary.annotations))),
            ("categories", .integer(Int64(summary.categories))),
            ("probed_images", .integer(Int64(summary.probedImages))), ("complete", .bool(summary.isComplete)),
            ("fixed", fix?.json ?? []),
        ]
        return members.map { ",\n\"\($0)\": \($1.text())" }.joined() + "\n}\n"
    }

    static func element(_ finding: Finding, input: String) -> JSONValue {
        let location = finding.location
        var members = [
            JSONMember("rule", .string(finding.rule)), JSONMember("severity", .string(finding.severity.rawValue)),
            JSONMember("message", .string(finding.message)),
        ]
        func add(_ name: String, _ text: String?) {
            if let text { members.append(JSONMember(name, .string(text))) }
        }
        func add(_ name: String, _ number: Int?) {
            if let number { members.append(JSONMember(name, .integer(Int64(number)))) }
        }
        add("path", location.path)
        add("byte_offset", location.byteOffset)
        add("line", location.line)
        add("record", location.record)
        add("image_id", location.imageID)
        add("annotation_id", location.annotationID)
        add("key_path", location.keyPath)
        return .object(members)
    }
}
