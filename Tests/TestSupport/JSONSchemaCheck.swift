package import JSONText

/// Holds a document against a JSON Schema, as far as the project's own schemas need: `type`, `const`, `enum`, `required`,
/// `properties`, `additionalProperties`, `minProperties`, `maxProperties`, `items`, `contains`, `minItems`, `maxItems`, `uniqueItems`, `minLength`, `pattern`, bounds of numbers, `anyOf`, `oneOf`, `if`,
/// `unevaluatedProperties` and `$ref`, also to the other files. A keyword that it does not know is a violation, so that no rule is passed over in silence.
package struct JSONSchemaCheck {
    private let root: JSONValue
    private static let annotations: Set = ["$schema", "$id", "$defs", "$comment", "title", "description", "default"]

    /// - Parameter name: of a file in `schemas/`, without `.schema.json`.
    package init(_ name: String) throws {
        root = try JSONDocument.read(path: Repository.root + "/schemas/\(name).schema.json")
    }

    /// What is wrong with a document, each with its place; empty when it is valid.
    package func violations(of document: JSONValue) -> [String] { check(document, root, at: "$") }

    private func check(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        if let allowed = schema.bool { return allowed ? [] : ["\(place): is not allowed"] }
        return (schema.object ?? []).flatMap { check(value, keyword: $0, of: schema, at: place) }
    }

    private func check(
        _ value: JSONValue, keyword member: JSONMember, of schema: JSONValue, at place: String
    ) -> [String] {
        let rule = member.value
        func demand(_ holds: Bool) -> [String] {
            holds ? [] : ["\(place): \(value.text()) breaks \(member.name) \(rule.text())"]
        }
        switch member.name {
        case let name where Self.annotations.contains(name): return []
        case "$ref":
            let (file, schema) = referenced(rule.string ?? "")
            return file.check(value, schema, at: place)
        case "const": return demand(value == rule)
        case "enum": return demand(rule.array?.contains(value) ?? false)
        case "type": return demand((rule.array ?? [rule]).contains { Self.has(value, type: $0.string ?? "") })
        case "minimum": return demand(value.double.map { $0 >= rule.double ?? .infinity } ?? true)
        case "maximum": return demand(value.double.map { $0 <= rule.double ?? -.infinity } ?? true)
        case "exclusiveMinimum": return demand(value.double.map { $0 > rule.double ?? .infinity } ?? true)
        case "exclusiveMaximum": return demand(value.double.map { $0 < rule.double ?? -.infinity } ?? true)
        case "pattern":
            guard let text = value.string else { return [] }
            guard let pattern = try? Regex(rule.string ?? "") else { return demand(false) }
            return demand(text.contains(pattern))
        case "minLength": return demand(value.string.map { $0.unicodeScalars.count >= rule.int ?? .max } ?? true)
        case "uniqueItems":
            return demand(
                rule == false || (value.array ?? []).enumerated().allSatisfy { value.array?.firstIndex(of: $1) == $0 })
        case "minItems": return demand(value.array.map { $0.count >= rule.int ?? .max } ?? true)
        case "maxItems": return demand(value.array.map { $0.count <= rule.int ?? 0 } ?? true)
        case "contains":
            return demand(value.array.map { $0.contains { check($0, rule, at: place).isEmpty } } ?? true)
        case "minProperties": return demand(value.object.map { $0.count >= rule.int ?? .max } ?? true)
        case "maxProperties": return demand(value.object.map { $0.count <= rule.int ?? 0 } ?? true)
        case "anyOf", "oneOf":
            let fitting = rule.array?.count { check(value, $0, at: place).isEmpty } ?? 0
            return demand(member.name == "oneOf" ? fitting == 1 : fitting > 0)
        case "if":
            let branch = schema[check(value, rule, at: place).isEmpty ? "then" : "else"]
            return branch.map { check(value, $0, at: place) } ?? []
        case "then", "else": return []
        case "items":
            return (value.array ?? []).enumerated().flatMap { check($1, rule, at: "\(place)[\($0)]") }
        case "required":
            guard value.object != nil else { return [] }
            return (rule.array ?? []).compactMap(\.string).filter { value[$0] == nil }.map { "\(place): lacks \($0)" }
        case "properties", "additionalProperties":
            return (value.object ?? []).flatMap { part -> [String] in
                let known = schema["properties"]?[part.name]
                if member.name == "properties" {
                    return known.map { check(part.value, $0, at: "\(place).\(part.name)") } ?? []
                }
                return known == nil ? check(part.value, rule, at: "\(place).\(part.name)") : []
            }
        case "unevaluatedProperties":
            let known = evaluated(value, schema, at: place)
            return rule == false
                ? (value.object ?? []).filter { !known.contains($0.name) }.map { "\(place).\($0.name): is not allowed" }
                : []
        default: return ["the schema has the keyword \(member.name), which this check does not know"]
        }
    }

    /// The members that a schema, or the alternative that fits, has a rule for.
    private func evaluated(_ value: JSONValue, _ schema: JSONValue, at place: String) -> Set<String> {
        var names = Set((schema["properties"]?.object ?? []).map(\.name))
        if let path = schema["$ref"]?.string {
            let (file, schema) = referenced(path)
            names.formUnion(file.evaluated(value, schema, at: place))
        }
        for keyword in ["oneOf", "anyOf"] {
            for choice in schema[keyword]?.array ?? [] where check(value, choice, at: place).isEmpty {
                names.formUnion(evaluated(value, choice, at: place))
            }
        }
        return names
    }

    /// What a reference stands for, and the file that its own references are meant in; nothing is valid by one that leads
    /// nowhere.
    private func referenced(_ path: String) -> (file: JSONSchemaCheck, schema: JSONValue) {
        let parts = path.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var file = self
        if !parts[0].isEmpty {
            guard let other = try? JSONSchemaCheck(String(parts[0].dropLast(".schema.json".count))) else {
                return (self, false)
            }
            file = other
        }
        let keys = parts.count > 1 ? parts[1].split(separator: "/") : []
        return (file, keys.reduce(file.root) { $0[String($1)] ?? false })
    }

    private static func has(_ value: JSONValue, type: String) -> Bool {
        switch type {
        case "null": value.isNull
        case "boolean": value.bool != nil
        case "integer": value.double.map { $0 == $0.rounded() } ?? false
        case "number": value.double != nil
        case "string": value.string != nil
        case "array": value.array != nil
        case "object": value.object != nil
        default: false
        }
    }
}
