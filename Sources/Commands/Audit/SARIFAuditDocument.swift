internal import Audit
internal import JSONText
internal import Runtime

/// The report for tools that show findings beside files, as code hosts and editors do: SARIF 2.1.0, one finding a line.
enum SARIFAuditDocument: AuditDocument {
    static func head(_ kind: AuditSummary.Kind, input: String) -> String {
        let rules = AuditRules.all.map { rule -> JSONValue in
            [
                "id": .string(rule.id), "shortDescription": ["text": .string(rule.meaning)],
                "help": ["text": .string(rule.remedy)],
                "defaultConfiguration": ["level": .string(rule.severity.rawValue)],
            ]
        }
        let driver: JSONValue = ["name": "samdata", "rules": .array(rules)]
        return """
            {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
            "tool": {"driver": \(driver.text())},
            "results": [
            """
    }

    static func tail(_ summary: AuditSummary, fix: AppliedFix?) -> String {
        var run: [JSONMember] = [
            JSONMember("executionSuccessful", .bool(summary.isComplete)),
            JSONMember(
                "properties",
                [
                    "images": .integer(Int64(summary.images)), "annotations": .integer(Int64(summary.annotations)),
                    "categories": .integer(Int64(summary.categories)),
                ]),
        ]
        if let fix {
            run.append(
                JSONMember(
                    "toolExecutionNotifications", [["level": "note", "message": ["text": .string(fix.sentence)]]]))
        }
        return ",\n\"invocations\": [\(JSONValue.object(run).text())]\n}]\n}\n"
    }

    static func element(_ finding: Finding, input: String) -> JSONValue {
        let location = finding.location
        var region: [JSONMember] = []
        if let line = location.line { region.append(JSONMember("startLine", .integer(Int64(line)))) }
        if let offset = location.byteOffset { region.append(JSONMember("byteOffset", .integer(Int64(offset)))) }
        var physical = [
            JSONMember("artifactLocation", ["uri": .string(uri(location.path ?? input))])
        ]
        if !region.isEmpty { physical.append(JSONMember("region", .object(region))) }
        var place = [JSONMember("physicalLocation", .object(physical))]
        let names = [
            ("image", location.imageID), ("annotation", location.annotationID),
            ("record", location.record.map(String.init)), ("key", location.keyPath),
        ].compactMap { kind, name in name.map { "\(kind) \($0)" } }
        if !names.isEmpty {
            place.append(
                JSONMember("logicalLocations", [["fullyQualifiedName": .string(names.joined(separator: "/"))]]))
        }
        return [
            "ruleId": .string(finding.rule), "level": .string(finding.severity.rawValue),
            "message": ["text": .string(finding.message)], "locations": [.object(place)],
        ]
    }

    /// A path as a URI's: what stands for something else there is escaped.
    private static func uri(_ path: String) -> String {
        if HTTPAddress.isMeant(by: path) { return path }
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        var text = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            if plain.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
