/// One of the numbers by which detectors are compared.
package struct DetectionFigure: Sendable, Hashable {
    /// What is averaged.
    package enum Quantity: String, Sendable, Hashable {
        case precision = "AP"
        case recall = "AR"
    }

    /// Short and known from papers: `AP`, `AP50`, `APs`, `AR@100`.
    package var name: String
    package var quantity: Quantity
    /// The only overlap threshold; nil for all of them.
    package var overlap: Double?
    /// Name of the area range.
    package var area: String
    /// Detections that count in one image and class.
    package var maximumDetections: Int
    /// 0...1; nil where there is no object to find.
    package var value: Double?

    /// COCO's twelve numbers, in its order.
    ///
    /// Source: `COCOeval.summarize` of cocodataset/cocoapi.
    ///
    /// - Parameter classes: averages of each class that counts.
    package static func coco(_ classes: [ClassAverages], rules: DetectionRules) -> [DetectionFigure] {
        let mean = FigureMean(classes: classes, rules: rules)
        return precisions(mean) + mean.recalls(rules.maximumDetections.indices, "all") + sizedRecalls(mean)
    }

    /// LVIS's thirteen numbers, in its order.
    ///
    /// Source: `LVISEval.summarize` of lvis-dataset/lvis-api.
    ///
    /// - Parameters:
    ///   - classes: averages of each class that counts.
    ///   - frequencies: of each class: `r`, `c`, `f`.
    package static func lvis(
        _ classes: [ClassAverages], frequencies: [String], rules: DetectionRules
    ) -> [DetectionFigure] {
        let mean = FigureMean(classes: classes, rules: rules)
        let byFrequency = ["r", "c", "f"].map { letter in
            FigureMean(classes: zip(classes, frequencies).filter { $0.1 == letter }.map(\.0), rules: rules)
                .precision("AP\(letter)", nil, "all")
        }
        return precisions(mean) + byFrequency + mean.recalls(rules.maximumDetections.indices.suffix(1), "all")
            + sizedRecalls(mean)
    }

    private static func precisions(_ mean: FigureMean) -> [DetectionFigure] {
        [
            mean.precision("AP", nil, "all"), mean.precision("AP50", 0.5, "all"),
            mean.precision("AP75", 0.75, "all"), mean.precision("APs", nil, "small"),
            mean.precision("APm", nil, "medium"), mean.precision("APl", nil, "large"),
        ]
    }

    private static func sizedRecalls(_ mean: FigureMean) -> [DetectionFigure] {
        let last = mean.rules.maximumDetections.indices.suffix(1)
        return ["small", "medium", "large"].flatMap { mean.recalls(last, $0) }
    }
}

/// Means over classes and thresholds.
private struct FigureMean {
    let classes: [ClassAverages]
    let rules: DetectionRules

    /// Of the largest number of detections.
    func precision(_ name: String, _ overlap: Double?, _ area: String) -> DetectionFigure {
        figure(name, .precision, overlap, area, limit: rules.maximumDetections.count - 1)
    }

    func recalls(_ limits: Range<Int>, _ area: String) -> [DetectionFigure] {
        limits.map { limit in
            let size = area == "all" ? "" : String(area.prefix(1))
            return figure("AR\(size)@\(rules.maximumDetections[limit])", .recall, nil, area, limit: limit)
        }
    }

    private func figure(
        _ name: String, _ quantity: DetectionFigure.Quantity, _ overlap: Double?, _ area: String, limit: Int
    ) -> DetectionFigure {
        var mean = MeanAccumulator()
        let thresholds = overlap.map { one in rules.threshold(one).map { [$0] } ?? [] }
        if let a = rules.area(area) {
            for one in classes {
                for t in thresholds ?? Array(rules.overlapThresholds.indices) {
                    let place = (t * rules.areaRanges.count + a) * rules.maximumDetections.count + limit
                    mean.add(quantity == .precision ? one.precision[place] : one.recall[place])
                }
            }
        }
        return DetectionFigure(
            name: name, quantity: quantity, overlap: overlap, area: area,
            maximumDetections: rules.maximumDetections[limit], value: mean.mean)
    }
}
