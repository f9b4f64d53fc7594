private import Foundation
internal import JSONText
internal import Runtime

/// What `samdata segment` did, for people and, as `schemas/segment.schema.json` describes, for programs.
struct SegmentReport {
    let run: SegmentRun
    let outcome: SegmentRun.Outcome
    let weights: String
    let modelName: String

    /// Findings shown of each rule.
    private static let shown = 5

    /// Images that were left out.
    var dropped: Int { outcome.findings.count { $0.severity == .error } }

    /// Images that this run has segmented.
    private var fresh: Int { outcome.images + dropped - outcome.resumed }

    /// The first findings of each rule, and how many more there are.
    var findingLines: [String] {
        Dictionary(grouping: outcome.findings, by: \.rule).sorted { $0.key < $1.key }.flatMap { rule, findings in
            let more = findings.count - Self.shown
            return findings.prefix(Self.shown).map(\.description) + (more > 0 ? ["… and \(more) more of \(rule)"] : [])
        }
    }

    var text: String {
        var table = TextTable([
            ("images", .right), ("dropped", .right), ("masks", .right), ("masks per image", .right),
            ("time (s)", .right), ("images/s", .right),
        ])
        let images = outcome.images
        table.add([
            "\(images)", "\(dropped)", "\(outcome.masks)",
            images == 0 ? "-" : String(format: "%.1f", Double(outcome.masks) / Double(images)),
            String(format: "%.1f", outcome.seconds),
            fresh == 0 || outcome.seconds <= 0 ? "-" : String(format: "%.2f", Double(fresh) / outcome.seconds),
        ])
        var lines = ["model \(modelName)", "", table.render(), ""]
        if outcome.resumed > 0 { lines.append("\(outcome.resumed) of the images were done before.") }
        if run.input.otherFiles > 0 {
            lines.append("Files that do not end in .png, .jpg or .jpeg were passed over: \(run.input.otherFiles).")
        }
        lines.append(
            outcome.isComplete ? "Masks are in \(run.output.path)." : "Not finished: the output is not written yet.")
        if let pictures = run.pictures { lines.append("Pictures are in \(pictures).") }
        return lines.joined(separator: "\n")
    }

    func json(input: String) -> JSONValue {
        var members = [
            JSONMember("schema_version", 1), JSONMember("command", "segment"), JSONMember("input", .string(input)),
            JSONMember("weights", .string(weights)), JSONMember("model", .string(modelName)),
            JSONMember("output", .string(run.output.path)), JSONMember("format", .string(run.output.format.rawValue)),
            JSONMember("listed_images", .integer(Int64(run.input.names.count))),
            JSONMember("images", .integer(Int64(outcome.images))),
            JSONMember("dropped_images", .integer(Int64(dropped))),
            JSONMember("resumed_images", .integer(Int64(outcome.resumed))),
            JSONMember("other_files", .integer(Int64(run.input.otherFiles))),
            JSONMember("masks", .integer(Int64(outcome.masks))),
            JSONMember("seconds", .number(outcome.seconds)),
            JSONMember("is_complete", .bool(outcome.isComplete)),
            JSONMember("findings", SegmentedImage.json(outcome.findings)),
        ]
        if let pictures = run.pictures { members.append(JSONMember("pictures", .string(pictures))) }
        return .object(members)
    }
}
