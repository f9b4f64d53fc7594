private import JSONText
private import Runtime

/// Which images and annotations a report of `samdata audit --json` finds fault with.
///
/// The ids of what is faulty are kept, and nothing else.
struct AuditFindings: Sendable {
    private struct Annotation: Hashable, Sendable {
        let image: String?
        let id: String
    }

    private var images: [String: String] = [:]
    private var annotations: [Annotation: String] = [:]
    /// Rules and families that were asked for and of which the report has no finding.
    private(set) var unmatched: Set<String>

    /// - Parameter rules: whose findings count, or families of rules; empty for all errors.
    /// - Throws: `FileError`, or `PipelineError.comparison` when the file is not such a report.
    init(path: String, rules: [String]) throws {
        unmatched = Set(rules)
        let file = try MappedFile(path: path)
        do {
            try file.withBytes { bytes in
                var parser = JSONPullParser(bytes, path: path)
                var found = false
                try parser.beginObject()
                while let key = try parser.nextKey() {
                    guard parser.name(of: key) == "findings" else {
                        try parser.skipValue()
                        continue
                    }
                    found = true
                    try parser.beginArray()
                    while try parser.nextElement() { try read(&parser, rules: Set(rules)) }
                }
                try parser.finish()
                guard found else {
                    throw PipelineError(
                        .comparison, "has no findings; a report of samdata audit --json is wanted",
                        location: DataLocation(path: path))
                }
            }
        } catch let error as JSONError {
            throw PipelineError(
                .comparison, "is not a report of samdata audit --json: \(error.message)",
                location: error.location ?? DataLocation(path: path))
        }
    }

    private mutating func read(_ parser: inout JSONPullParser, rules: Set<String>) throws(JSONError) {
        var (rule, severity) = ("", "")
        var image: String?
        var annotation: String?
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "rule": rule = try parser.readString()
            case "severity": severity = try parser.readString()
            case "image_id": image = try parser.readString()
            case "annotation_id": annotation = try parser.readString()
            default: try parser.skipValue()
            }
        }
        let names = rules.intersection([rule, String(rule.prefix { $0 != "." })])
        unmatched.subtract(names)
        guard rules.isEmpty ? severity == "error" : !names.isEmpty else { return }
        if let annotation {
            annotations[Annotation(image: image, id: annotation)] = rule
        } else if let image {
            images[image] = rule
        }
    }

    /// The rule that an image breaks.
    func rule(ofImage id: String) -> String? { images[id] }

    /// The rule that an annotation breaks; a finding without an image is of any.
    func rule(ofAnnotation id: String, image: String) -> String? {
        annotations[Annotation(image: image, id: id)] ?? annotations[Annotation(image: nil, id: id)]
    }
}
