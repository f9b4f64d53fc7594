private import Foundation
internal import JSONText
private import Metrics
private import Runtime
internal import Shards
internal import Training

/// What `samdata evaluate` found; `schemas/evaluate.schema.json` describes the JSON form.
struct EvaluationReport {
    let shards: String
    let weights: String
    let before: String?
    let modelName: String
    let set: ShardSet
    /// Area of the trivial answer's disc, in pixels.
    let discArea: Double
    /// In the order of the table; the model in question is the last but the trivial one.
    let evaluations: [Evaluation]
    /// The model in question, beside the one before where there is one.
    let comparison: RunComparison

    private var subject: Evaluation? { evaluations.last { $0.name != "trivial" } }

    // MARK: Text

    var text: String {
        let objects = subject?.overall[.box]?.all.dice.count ?? 0
        var parts = [
            "\(shards): \(set.count) images, \(objects) objects; model \(modelName)", "", overallTable,
        ]
        if let subject {
            parts += ["", groupTable("size", Self.sizeGroups(subject))]
            if set.classes.count > 1 { parts += ["", groupTable("class", classGroups(subject))] }
            parts += ["", ComparisonText(comparison).text]
            let speed = Double(subject.imageCount) / max(subject.answerSeconds, 1e-9)
            parts += [
                "",
                String(format: "%.2f images/s with all their prompts; ", speed)
                    + "\(ByteSize(bytes: ResourceUsage.peakMemoryBytes)) of memory at most",
            ]
        }
        return parts.joined(separator: "\n")
    }

    private static let columns: [(title: String, alignment: TextTable.Alignment)] = [
        ("IoU", .right), ("Dice", .right), ("boundary IoU", .right), ("HD95 (px)", .right), ("empty", .right),
    ]

    private var overallTable: String {
        var table = TextTable([("prompt", .left), ("masks", .left)] + Self.columns)
        for kind in PromptKind.allCases {
            for evaluation in evaluations {
                if let group = evaluation.overall[kind]?.all {
                    table.add([kind.rawValue, evaluation.name] + Self.cells(group))
                }
            }
        }
        return table.render()
    }

    private func groupTable(_ title: String, _ groups: [(kind: PromptKind, name: String, MaskSummary.Group)]) -> String
    {
        var table = TextTable([("prompt", .left), (title, .left), ("objects", .right)] + Self.columns)
        for (kind, name, group) in groups {
            table.add([kind.rawValue, name, "\(group.dice.count)"] + Self.cells(group))
        }
        return table.render()
    }

    private static func sizeGroups(
        _ evaluation: Evaluation
    ) -> [(kind: PromptKind, name: String, MaskSummary.Group)] {
        let overall = evaluation.overall
        return PromptKind.allCases.flatMap { kind in
            SizeBin.allCases.compactMap { size in
                overall[kind]?.bySize[size].map { (kind, size.rawValue, $0) }
            }
        }
    }

    private func classGroups(_ evaluation: Evaluation) -> [(kind: PromptKind, name: String, MaskSummary.Group)] {
        let byClass = evaluation.byClass
        return PromptKind.allCases.flatMap { kind in
            set.classes.compactMap { one in
                byClass[kind]?[one.categoryID].map { (kind, one.name, $0.all) }
            }
        }
    }

    private static func cells(_ group: MaskSummary.Group) -> [String] {
        [group.intersectionOverUnion, group.dice, group.boundaryIntersectionOverUnion].map { mean in
            mean.mean.map { String(format: "%.3f", $0) } ?? "-"
        } + [
            group.hausdorff95.mean.map { String(format: "%.2f", $0) } ?? "-", "\(group.hausdorff95.undefinedCount)",
        ]
    }

    // MARK: JSON

    var json: JSONValue {
        .object([
            "schema_version": 1, "command": "evaluate", "shards": .string(shards), "weights": .string(weights),
            "before": before.map { .string($0) } ?? .null, "model": .string(modelName),
            "images": .integer(Int64(set.count)), "disc_area": .number(discArea),
            "results": .array(evaluations.map(json(of:))), "comparison": comparison.json,
            "peak_memory_bytes": .integer(Int64(ResourceUsage.peakMemoryBytes)),
        ])
    }

    private func json(of evaluation: Evaluation) -> JSONValue {
        var members = [
            JSONMember("name", .string(evaluation.name)),
            JSONMember("images", .integer(Int64(evaluation.imageCount))),
            JSONMember("seconds", .number(evaluation.answerSeconds)),
        ]
        let byClass = evaluation.byClass
        for kind in PromptKind.allCases {
            let summary = evaluation.summary(kind.form)
            let sizes = SizeBin.allCases.compactMap { size in
                summary.bySize[size].map { JSONMember(size.rawValue, Self.json(of: $0)) }
            }
            let classes = set.classes.compactMap { one -> JSONValue? in
                guard let group = byClass[kind]?[one.categoryID]?.all else { return nil }
                return .object([
                    "id": .integer(one.categoryID), "name": .string(one.name), "metrics": Self.json(of: group),
                ])
            }
            members.append(
                JSONMember(
                    kind.rawValue,
                    .object([
                        "all": Self.json(of: summary.all), "by_size": .object(sizes), "by_class": .array(classes),
                    ])))
        }
        members.append(
            JSONMember(
                "clicks",
                .array(
                    (1...max(1, evaluation.clickCount)).map { count in
                        Self.json(of: evaluation.summary(.clicks(count)).all)
                    })))
        return .object(members)
    }

    private static func json(of group: MaskSummary.Group) -> JSONValue {
        func mean(_ accumulator: MeanAccumulator) -> JSONValue { accumulator.mean.map { .number($0) } ?? .null }
        return .object([
            "objects": .integer(Int64(group.dice.count)), "iou": mean(group.intersectionOverUnion),
            "dice": mean(group.dice), "boundary_iou": mean(group.boundaryIntersectionOverUnion),
            "hd95": mean(group.hausdorff95), "hd95_undefined": .integer(Int64(group.hausdorff95.undefinedCount)),
        ])
    }
}
