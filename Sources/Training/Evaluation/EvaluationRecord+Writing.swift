package import JSONText
private import Metrics

extension EvaluationRecord {
    /// - Parameter comparison: with the model that training began with.
    package func json(comparison: EvaluationComparison? = nil) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("schema_version", .integer(Int64(Self.schemaVersion))),
            JSONMember("name", .string(evaluation.name)), JSONMember("step", .integer(Int64(step))),
            JSONMember("epoch", .integer(Int64(epoch))), JSONMember("images", .integer(Int64(evaluation.imageCount))),
            JSONMember("clicks", .integer(Int64(evaluation.clickCount))),
            JSONMember("answer_seconds", .number(evaluation.answerSeconds)),
            JSONMember("remarks", .array(evaluation.remarks.map { .string($0) })),
            JSONMember("automatic_masks", automatic?.json ?? .null), JSONMember("latency", latency?.json ?? .null),
            JSONMember("seconds", .number(seconds)),
            JSONMember("peak_memory_bytes", .integer(Int64(peakMemoryBytes))),
        ]
        if let limits {
            members.append(JSONMember("most_images", .integer(Int64(limits.images))))
            members.append(JSONMember("most_objects", .integer(Int64(limits.objects))))
        }
        if let comparison { members.append(JSONMember("comparison", comparison.json)) }
        // Last, as there are many of them.
        members.append(JSONMember("rows", .array(evaluation.rows.map(Self.json))))
        return .object(members)
    }

    private static func json(_ row: ObjectRow) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("record", .integer(Int64(row.record))), JSONMember("image_id", .string(row.imageID)),
            JSONMember("annotation_id", .string(row.annotationID)),
            JSONMember("category_id", .integer(row.categoryID)), JSONMember("area", .integer(Int64(row.area))),
            JSONMember("box", json(row.box)), JSONMember("clicks", .array(row.clicks.map(json))),
        ]
        if let mask = row.boxMask { members.append(JSONMember("box_mask", .string(mask))) }
        if let mask = row.pointMask { members.append(JSONMember("point_mask", .string(mask))) }
        return .object(members)
    }

    /// IoU, Dice, boundary IoU, HD95; null where there is none.
    private static func json(_ scores: ObjectScores) -> JSONValue {
        .array(MaskMetric.allCases.map { metric in scores[metric].map { .number($0) } ?? .null })
    }
}

extension AutomaticMaskCheck {
    package var json: JSONValue {
        .object([
            "images": .integer(Int64(images)), "objects": .integer(Int64(objects)), "masks": .integer(Int64(masks)),
            "mean_best_iou": .number(meanBestIoU), "recall": .number(recall),
            "skipped": skipped.map { .string($0) } ?? .null,
        ])
    }
}

extension LatencyProbe {
    package var json: JSONValue {
        func value(_ times: Times) -> JSONValue {
            .object([
                "p50": .number(times.median), "p95": .number(times.percentile95),
                "images_per_second": .number(times.imagesPerSecond), "runs": .integer(Int64(times.runs)),
            ])
        }
        return .object([
            "encoder": value(encoder), "decoder_1": value(decoder1), "decoder_8": value(decoder8),
            "end_to_end": value(endToEnd), "images_per_second": .number(endToEnd.imagesPerSecond),
            "threads": .integer(Int64(threads)),
        ])
    }
}
