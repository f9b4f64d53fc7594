private import Annotations
private import Foundation
internal import JSONText
internal import Metrics
internal import Pipeline
private import Runtime
private import Shards

/// What came of comparing predictions with the truth; `schemas/evaluate-predictions.schema.json` describes the JSON form.
struct PredictionEvaluationReport {
    /// The numbers.
    enum Body {
        case detection(PredictionEvaluation, PredictionOptions, resultCount: Int)
        case panoptic(PanopticEvaluation)
    }

    let truth: String
    let predictions: String
    let body: Body
    let findings: FindingLedger
    /// Whether the text has a table of classes.
    let showsClasses: Bool

    // MARK: Text

    /// A line for each of the first findings of every rule, and how many more there are.
    var findingLines: [String] {
        findings.counts.flatMap { count in
            let shown = findings.examples.filter { $0.rule == count.rule }.prefix(3)
            let more = count.count - shown.count
            return shown.map(\.description)
                + (more > 0 ? ["… and \(more) more of \(count.rule); --json lists ids"] : [])
        }
    }

    var text: String {
        var parts: [String]
        switch body {
        case .detection(let evaluation, let options, let resultCount):
            let text = DetectionText(evaluation: evaluation, options: options)
            parts = [
                "\(truth): \(evaluation.imageCount) images, \(text.objectCount) objects; \(predictions): \(resultCount) "
                    + "results; \(text.comparison)", text.figures,
            ]
            if showsClasses { parts.append(text.classes) }
            parts += text.quality
        case .panoptic(let evaluation):
            let text = PanopticText(evaluation: evaluation)
            parts = ["\(truth): \(evaluation.imageCount) images; panoptic quality of \(predictions)", text.figures]
            if showsClasses { parts.append(text.classes) }
        }
        if !findings.counts.isEmpty { parts.append(FindingCountTable(counts: findings.counts).text) }
        return parts.joined(separator: "\n\n")
    }

    // MARK: JSON

    var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("schema_version", 1), JSONMember("command", "evaluate"), JSONMember("truth", .string(truth)),
            JSONMember("predictions", .string(predictions)),
        ]
        switch body {
        case .detection(let evaluation, let options, let resultCount):
            members.append(JSONMember("kind", "detection"))
            members += DetectionDocument(evaluation: evaluation, options: options, resultCount: resultCount).members
        case .panoptic(let evaluation):
            members.append(JSONMember("kind", "panoptic"))
            members += PanopticText(evaluation: evaluation).members
        }
        members += [
            JSONMember("findings", FindingCountTable(counts: findings.counts).json),
            JSONMember("peak_memory_bytes", .integer(Int64(ResourceUsage.peakMemoryBytes))),
        ]
        return .object(members)
    }
}

extension COCOIdentifier {
    /// A number where it is one.
    var json: JSONValue { int64.map { .integer($0) } ?? .string(description) }
}
