private import Annotations
internal import JSONText
internal import Metrics

/// Average precision and recall, and the quality of found masks, for programs.
struct DetectionDocument {
    let evaluation: PredictionEvaluation
    let options: PredictionOptions
    let resultCount: Int

    var members: [JSONMember] {
        [
            JSONMember("iou", .string(options.overlap.rawValue)),
            JSONMember("rules", .string(options.rules.isFederated ? "lvis" : "coco")),
            JSONMember("class_agnostic", .bool(options.rules.isClassAgnostic)),
            JSONMember("images", .integer(Int64(evaluation.imageCount))),
            JSONMember("results", .integer(Int64(resultCount))),
            JSONMember("results_used", .integer(Int64(evaluation.predictionCount))),
            JSONMember("figures", .array(evaluation.figures.map(Self.json(of:)))),
            JSONMember("classes", .array(evaluation.classes.map(json(of:)))),
            JSONMember("quality", evaluation.pairs.map(json(of:)) ?? .null),
        ]
    }

    private static func json(of figure: DetectionFigure) -> JSONValue {
        [
            "name": .string(figure.name), "quantity": .string(figure.quantity.rawValue),
            "iou": number(figure.overlap), "area": .string(figure.area),
            "max_detections": .integer(Int64(figure.maximumDetections)), "value": number(figure.value),
        ]
    }

    private func json(of one: PredictionEvaluation.ClassResult) -> JSONValue {
        let own = ClassFigures(one.averages, rules: evaluation.rules)
        return [
            "id": one.category?.id.json ?? .null, "name": .string(one.category?.name ?? ""),
            "objects": .integer(Int64(one.averages.truthCounts.first ?? 0)),
            "results": .integer(Int64(one.averages.detectionCount)), "ap": Self.number(own["AP"]),
            "ap50": Self.number(own["AP50"]), "ap75": Self.number(own["AP75"]), "ap_small": Self.number(own["APs"]),
            "ap_medium": Self.number(own["APm"]), "ap_large": Self.number(own["APl"]), "ar": Self.number(own.recall),
        ]
    }

    private func json(of pairs: PairSummary) -> JSONValue {
        [
            "tolerance": .number(options.pairs?.tolerance ?? 0),
            "spacing": .array([
                .number(options.pairs?.spacing.row ?? 1), .number(options.pairs?.spacing.column ?? 1),
            ]),
            "all": Self.json(of: pairs.all),
            "by_size": .object(pairs.bySize.map { JSONMember($0.size.rawValue, Self.json(of: $0.group)) }),
            "by_class": .array(pairs.byClass.map(Self.json(of:))),
        ]
    }

    private static func json(of group: PairSummary.Group) -> JSONValue {
        .object(
            [
                JSONMember("objects", .integer(Int64(group.objects))),
                JSONMember("found", .integer(Int64(group.found))),
            ]
                + PairScores.Measure.allCases.map { measure in
                    JSONMember(measure.key, group[measure].map(json(of:)) ?? .null)
                })
    }

    private static func json(of interval: ConfidenceInterval) -> JSONValue {
        [
            "mean": .number(interval.mean), "low": number(interval.bounds?.lowerBound),
            "high": number(interval.bounds?.upperBound), "count": .integer(Int64(interval.count)),
        ]
    }

    private static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
}
