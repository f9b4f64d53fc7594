internal import Annotations
private import JSONText
internal import Pipeline
internal import Runtime

/// What `samdata convert masks` did, for people and, as `schemas/convert-masks.schema.json` describes, for programs.
struct MasksReport {
    /// What was written.
    struct Counts {
        var images = 0
        private(set) var objects = 0
        private(set) var polygons = 0

        mutating func add(_ annotation: COCOAnnotation) {
            objects += 1
            if annotation.segmentation?.size == nil { polygons += 1 }
        }
    }

    private let counts: Counts
    private let findings: [Finding]
    private let labels: String
    private let shards: ConversionSummary?
    /// Findings shown of each rule.
    private static let shown = 5

    init(counts: Counts, findings: [Finding], labels: String, shards: ConversionSummary?) {
        self.counts = counts
        self.findings = findings
        self.labels = labels
        self.shards = shards
    }

    /// Whether an image, mask or object was left out: the findings that are errors.
    var hasDrops: Bool { findings.contains { $0.severity == .error } }

    /// The findings of each rule, in the order of the rules' names.
    private var byRule: [(rule: String, findings: [Finding])] {
        Dictionary(grouping: findings, by: \.rule).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: For people

    /// The first findings of each rule, and how many more there are.
    var findingLines: [String] {
        byRule.flatMap { rule, findings in
            let more = findings.count - Self.shown
            return findings.prefix(Self.shown).map(\.description) + (more > 0 ? ["… and \(more) more of \(rule)"] : [])
        }
    }

    var text: String {
        var table = TextTable([("images", .right), ("objects", .right), ("polygons", .right), ("run lengths", .right)])
        let runs = counts.objects - counts.polygons
        table.add([counts.images, counts.objects, counts.polygons, runs].map(String.init))
        var blocks = [table.render()]
        if !findings.isEmpty {
            var table = TextTable([("rule", .left), ("severity", .left), ("count", .right)])
            for (rule, findings) in byRule {
                table.add([rule, findings[0].severity.rawValue, String(findings.count)])
            }
            blocks.append(table.render())
        }
        blocks.append("Labels are in \(labels).")
        if let shards { blocks.append(ConversionReport(shards).text) }
        return blocks.joined(separator: "\n\n")
    }

    // MARK: For programs

    var json: String {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.key("schema_version")
        writer.integer(1)
        writer.key("command")
        writer.string("convert masks")
        writer.key("labels")
        writer.string(labels)
        for (key, count) in [
            ("images", counts.images), ("annotations", counts.objects), ("polygons", counts.polygons),
            ("run_lengths", counts.objects - counts.polygons),
        ] {
            writer.key(key)
            writer.integer(count)
        }
        writer.key("findings")
        writer.beginArray()
        for finding in findings {
            writer.value([
                "rule": .string(finding.rule), "severity": .string(finding.severity.rawValue),
                "path": .string(finding.location.path ?? ""), "message": .string(finding.message),
            ])
        }
        writer.endArray()
        if let shards {
            writer.key("shards")
            writer.raw(ConversionReport(shards).json.utf8)
        }
        writer.endObject()
        return writer.text
    }
}
