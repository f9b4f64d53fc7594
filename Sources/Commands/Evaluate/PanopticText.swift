private import Annotations
private import Foundation
internal import JSONText
internal import Metrics

/// Panoptic quality for people and for programs.
struct PanopticText {
    let evaluation: PanopticEvaluation

    /// All classes, things and stuff.
    var figures: String {
        var table = TextTable([
            ("classes", .left), ("PQ", .right), ("SQ", .right), ("RQ", .right), ("number", .right),
        ])
        for part in PanopticEvaluation.Part.allCases {
            table.add(
                [part.rawValue] + Self.cells(evaluation.quality(of: part))
                    + ["\(evaluation.qualities(of: part).count)"])
        }
        return table.render()
    }

    /// A row for each class.
    var classes: String {
        var table = TextTable([
            ("class", .left), ("kind", .left), ("PQ", .right), ("SQ", .right), ("RQ", .right), ("found", .right),
            ("made up", .right), ("missed", .right),
        ])
        for one in evaluation.classes {
            table.add(
                [
                    one.category.name.isEmpty ? one.category.id.description : one.category.name,
                    one.isThing ? "thing" : "stuff",
                ] + Self.cells(one.counts.quality) + [
                    "\(one.counts.found)", "\(one.counts.madeUp)", "\(one.counts.missed)",
                ])
        }
        return table.render()
    }

    private static func cells(_ quality: PanopticQuality?) -> [String] {
        [quality?.panoptic, quality?.segmentation, quality?.recognition].map { value in
            value.map { String(format: "%.3f", $0) } ?? "-"
        }
    }

    // MARK: JSON

    var members: [JSONMember] {
        [
            JSONMember("images", .integer(Int64(evaluation.imageCount))),
            JSONMember(
                "figures",
                .object(
                    PanopticEvaluation.Part.allCases.map { part in
                        JSONMember(
                            part.rawValue,
                            .object(
                                Self.members(of: evaluation.quality(of: part)) + [
                                    JSONMember("classes", .integer(Int64(evaluation.qualities(of: part).count)))
                                ]))
                    })),
            JSONMember("classes", .array(evaluation.classes.map(json(of:)))),
        ]
    }

    private func json(of one: PanopticEvaluation.ClassResult) -> JSONValue {
        .object(
            [
                JSONMember("id", one.category.id.json), JSONMember("name", .string(one.category.name)),
                JSONMember("is_thing", .bool(one.isThing)),
            ] + Self.members(of: one.counts.quality) + [
                JSONMember("found", .integer(Int64(one.counts.found))),
                JSONMember("made_up", .integer(Int64(one.counts.madeUp))),
                JSONMember("missed", .integer(Int64(one.counts.missed))),
            ])
    }

    private static func members(of quality: PanopticQuality?) -> [JSONMember] {
        [("pq", quality?.panoptic), ("sq", quality?.segmentation), ("rq", quality?.recognition)].map { key, value in
            JSONMember(key, value.map { .number($0) } ?? .null)
        }
    }
}
