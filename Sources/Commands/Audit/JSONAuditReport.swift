internal import Audit
private import JSONText
internal import Runtime
private import Synchronization

/// The report for programs, one JSON document as `schemas/audit.schema.json` describes it, one finding a line.
///
/// It is written while the audit runs, so that its size is no concern of memory.
final class JSONAuditReport: AuditReport {
    private struct State {
        var buffer = ""
        var hasFindings = false
    }

    private static let bufferBytes = 1 << 16
    private let input: String
    private let console: Console
    private let state = Mutex(State())

    init(input: String, console: Console) {
        self.input = input
        self.console = console
    }

    func begin(_ kind: AuditSummary.Kind) {
        state.withLock { state in
            state.buffer = """
                {
                "schema_version": 1,
                "command": "audit",
                "input": \(JSONValue.string(input).text()),
                "kind": "\(kind.rawValue)",
                "findings": [
                """
        }
    }

    func add(_ finding: Finding) {
        let line = Self.json(finding).text()
        state.withLock { state in
            state.buffer += (state.hasFindings ? ",\n" : "\n") + line
            state.hasFindings = true
            guard state.buffer.utf8.count > Self.bufferBytes else { return }
            console.write(state.buffer)
            state.buffer = ""
        }
    }

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
        state.withLock { state in
            console.write(state.buffer + (state.hasFindings ? "\n]" : "]") + tail + "\n}\n")
            state.buffer = ""
        }
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
