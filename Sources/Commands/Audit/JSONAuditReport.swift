internal import Audit
private import JSONText
internal import Runtime

/// The report for programs, one JSON document as `schemas/audit.schema.json` describes it, one finding a line.
final class JSONAuditReport: AuditReport {
    private let input: String
    private let output: JSONListOutput

    init(input: String, console: Console) {
        self.input = input
        output = JSONListOutput(console: console)
    }

    func begin(_ kind: AuditSummary.Kind) {
        output.begin(
            """
            {
            "schema_version": 1,
            "command": "audit",
            "input": \(JSONValue.string(input).text()),
            "kind": "\(kind.rawValue)",
            "findings": [
            """)
    }

    func add(_ finding: Finding) { output.add(Self.json(finding)) }

    func end(_ summary: AuditSummary, fix: AppliedFix?) {
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
        let tail = members.map { ",\n\"\($0)\": \($1.text())" }.joined()
        output.end(tail + "\n}\n")
    }

    private static func json(_ finding: Finding) -> JSONValue {
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
