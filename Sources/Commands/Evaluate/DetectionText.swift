private import Annotations
private import Foundation
internal import Metrics

/// Average precision and recall, and the quality of found masks, as tables for people.
struct DetectionText {
    let evaluation: PredictionEvaluation
    let options: PredictionOptions

    /// Objects that are not crowds.
    var objectCount: Int { evaluation.classes.reduce(0) { $0 + ($1.averages.truthCounts.first ?? 0) } }

    /// What was compared by which rules, in words.
    var comparison: String {
        let what =
            switch options.overlap {
            case .bbox: "boxes"
            case .segm: "masks"
            case .boundary: "boundaries"
            }
        let rules = options.rules.isFederated ? "LVIS" : options.rules.isClassAgnostic ? "COCO, classes as one" : "COCO"
        return "\(what) by the rules of \(rules)"
    }

    /// COCO's or LVIS's numbers.
    var figures: String {
        var table = TextTable([
            ("figure", .left), ("IoU", .left), ("area", .left), ("detections", .right), ("value", .right),
        ])
        for figure in evaluation.figures {
            table.add([
                figure.name, figure.overlap.map { String(format: "%.2f", $0) } ?? "0.50:0.95", figure.area,
                "\(figure.maximumDetections)", Self.cell(figure.value),
            ])
        }
        return table.render()
    }

    /// A row for each class.
    var classes: String {
        let names = evaluation.classes.map { Self.name($0) }
        let figures = ["AP", "AP50", "AP75", "APs", "APm", "APl"]
        var table = TextTable(
            [("class", .left), ("objects", .right), ("results", .right)] + (figures + ["AR"]).map { ($0, .right) })
        for (name, one) in zip(names, evaluation.classes) {
            let own = ClassFigures(one.averages, rules: evaluation.rules)
            table.add(
                [name, "\(one.averages.truthCounts.first ?? 0)", "\(one.averages.detectionCount)"]
                    + (figures.map { own[$0] } + [own.recall]).map(Self.cell))
        }
        return table.render()
    }

    /// Tables of the masks of found objects; none where that was not asked for.
    var quality: [String] {
        guard let pairs = evaluation.pairs else { return [] }
        let unit = options.pairs?.spacing == .pixels ? " (px)" : ""
        let tolerance = String(format: "%g", options.pairs?.tolerance ?? 0)
        var table = TextTable([
            ("masks of found objects", .left), ("objects", .right), ("found", .right), ("IoU", .right),
            ("Dice", .right),
            ("boundary IoU", .right), ("HD95\(unit)", .right), ("NSD at \(tolerance)", .right),
        ])
        func add(_ name: String, _ group: PairSummary.Group) {
            let cells = PairScores.Measure.allCases.map { measure in
                Self.cell(group[measure], digits: measure == .hausdorff95 ? 2 : 3)
            }
            table.add([name, "\(group.objects)", "\(group.found)"] + cells)
        }
        add("all", pairs.all)
        for (size, group) in pairs.bySize { add(size.rawValue, group) }
        if evaluation.classes.count > 1 {
            for (index, group) in pairs.byClass.enumerated() where group.objects > 0 {
                add(Self.name(evaluation.classes[index]), group)
            }
        }
        return [table.render()]
    }

    private static func name(_ one: PredictionEvaluation.ClassResult) -> String {
        guard let category = one.category else { return "(all)" }
        return category.name.isEmpty ? category.id.description : category.name
    }

    private static func cell(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

    /// A mean and its interval.
    private static func cell(_ interval: ConfidenceInterval?, digits: Int) -> String {
        guard let interval else { return "-" }
        func number(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
        guard let bounds = interval.bounds else { return number(interval.mean) }
        return "\(number(interval.mean)) [\(number(bounds.lowerBound)), \(number(bounds.upperBound))]"
    }
}
