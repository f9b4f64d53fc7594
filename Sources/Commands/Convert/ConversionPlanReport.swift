internal import Annotations
internal import JSONText
internal import Pipeline
private import Runtime
private import Shards

/// What `--dry-run` says, for people and, as `schemas/convert-plan.schema.json` describes, for programs.
struct ConversionPlanReport {
    private let plan: ConversionPlanSummary

    init(_ plan: ConversionPlanSummary) { self.plan = plan }

    private var stages: StageCountTable {
        StageCountTable(counts: plan.counts, summaries: plan.stages.map(\.summary))
    }

    /// What is said of files that are cut off.
    var cutLines: [String] {
        plan.ledger.examples.filter { example in
            plan.ledger.counts.contains { $0.isDrop && $0.subject == .file && $0.rule == example.rule }
                && example.location.imageID == nil && example.location.annotationID == nil
        }.map(\.description)
    }

    var text: String {
        var blocks = ["Would run: \(plan.command)"]
        if !plan.stages.isEmpty { blocks.append(stages.text) }
        blocks.append(ForecastTable(plan.forecast).text)
        let counts = plan.ledger.counts
        if !counts.isEmpty { blocks.append(FindingCountTable(counts: counts).text) }
        var last = "\(plan.forecast.images) images with \(plan.forecast.objects) objects would be written"
        if let shards = plan.shards { last += ", in \(shards) shards" }
        last += ", of \(plan.listedImages) images that the labels list"
        if losesObjects { last += ", less the objects that \(plan.target) cannot hold" }
        last += ". Nothing was written."
        return (blocks + [last]).joined(separator: "\n\n")
    }

    /// Whether the target may be unable to hold an object, which shows when it is written.
    private var losesObjects: Bool {
        LabelFormatArgument(argument: plan.target).flatMap { try? $0.resolved("") }?.losses.contains(.object) ?? false
    }

    var json: String {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        for (key, value) in [
            ("schema_version", .integer(1)), ("command", .string("convert --dry-run")),
            ("would_run", .string(plan.command)), ("target", .string(plan.target)),
            ("listed_images", .integer(Int64(plan.listedImages))),
            ("shards", plan.shards.map { .integer(Int64($0)) } ?? .null), ("stages", stages.json),
            ("forecast", ForecastTable(plan.forecast).json),
            ("findings", FindingCountTable(counts: plan.ledger.counts).json),
        ] as [(String, JSONValue)] {
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        return writer.text
    }
}
