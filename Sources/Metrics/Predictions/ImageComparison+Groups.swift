internal import Annotations
internal import Masks
internal import Runtime

/// What is compared of an image: its labels and its results, class by class.
extension ImageComparison {
    /// Labels of one class that count, with their boxes, or their masks where these are compared.
    struct Labels {
        var classIndex: Int
        var truths: [DetectionCell.Truth] = []
        /// Only where pairs are compared.
        var locations: [DataLocation] = []
        var boxes: [Box] = []
        var masks: [LabelMask] = []

        mutating func append(
            _ truth: DetectionCell.Truth, _ shape: ShapeReader.Shape, of annotation: COCOAnnotation,
            _ setting: ComparisonSetting
        ) {
            truths.append(truth)
            if setting.options.pairs != nil { locations.append(annotation.location) }
            if !setting.options.overlap.comparesMasks {
                boxes.append(shape.box)
            } else if let mask = shape.mask {
                masks.append(.drawn(mask))
            } else if let outline = shape.outline {
                masks.append(.outline(outline))
            }
        }
    }

    /// The labels that count with their shapes, class after class; classes without one are left out.
    mutating func labelled(_ annotations: [COCOAnnotation]) -> [Labels] {
        var labels: [Labels] = []
        for (classIndex, place) in grouped(annotations) {
            guard let (truth, shape) = labelled(annotations[place]) else { continue }
            if labels.last?.classIndex != classIndex { labels.append(Labels(classIndex: classIndex)) }
            labels[labels.count - 1].append(truth, shape, of: annotations[place], setting)
        }
        return labels
    }

    /// The shape of a label, and what matching it means; nil for one that does not count.
    private mutating func labelled(
        _ annotation: COCOAnnotation
    ) -> (DetectionCell.Truth, ShapeReader.Shape)? {
        guard let shape = reader.shape(of: annotation) else { return nil }
        guard setting.options.rules.isFederated else {
            let isCrowd = annotation.isCrowd
            return (DetectionCell.Truth(area: shape.area, isIgnored: isCrowd, takesMany: isCrowd), shape)
        }
        guard shape.area > 0 else {
            reader.note(
                PredictionRule.areaZero, annotation.location,
                "the annotation has an area of \(shape.area); by LVIS's rules it does not count")
            return nil
        }
        return (DetectionCell.Truth(area: shape.area, isIgnored: annotation.isMarkedIgnored), shape)
    }

    /// The class that a result is judged in.
    func number(of row: PredictionRow) -> Int { setting.classes.isClassAgnostic ? 0 : Int(row.category) }

    /// The labels of the classes that count, by class and in the order of the file.
    private mutating func grouped(_ annotations: [COCOAnnotation]) -> [(classIndex: Int, place: Int)] {
        if setting.classes.isClassAgnostic {
            return annotations.indices.sorted {
                (annotations[$0].categoryID, $0) < (annotations[$1].categoryID, $1)
            }.map { (0, $0) }
        }
        var numbered: [(classIndex: Int, place: Int)] = []
        numbered.reserveCapacity(annotations.count)
        for place in annotations.indices {
            let categoryID = annotations[place].categoryID
            if let number = setting.classes.number(of: categoryID) {
                numbered.append((number, place))
            } else if !setting.classes.excluded.contains(categoryID) {
                let classes = classes
                let hint = categoryID.typeHint("category") {
                    classes.number(of: $0) != nil || classes.excluded.contains($0)
                }
                reader.drop(
                    PredictionRule.danglingCategory, annotations[place].location,
                    "the file has no category \(categoryID)\(hint); the annotation is dropped")
            }
        }
        numbered.sort { ($0.classIndex, $0.place) < ($1.classIndex, $1.place) }
        return numbered
    }

    /// The results that count by class, best first in each.
    ///
    /// - Parameter labels: of the image.
    func ranked(_ rows: ArraySlice<PredictionRow>, _ labels: [Labels]) -> ArraySlice<PredictionRow> {
        var rows = Array(rows)
        if setting.classes.isClassAgnostic {
            rows.sort {
                $0.score > $1.score || $0.score == $1.score && ($0.category, $0.number) < ($1.category, $1.number)
            }
            return rows[...]
        }
        if setting.options.rules.isFederated {
            rows.sort { $0.precedes($1) }
            if let limit = setting.options.rules.maximumDetections.last, rows.count > limit {
                rows.removeSubrange(limit...)
            }
            let present = Set(labels.map(\.classIndex))
            // Of classes that are not known to be there or to be absent, nothing is known.
            let absent = setting.classes.listed("neg_category_ids", of: reader.image)
            rows.removeAll { !present.contains(Int($0.category)) && !absent.contains(Int($0.category)) }
        }
        rows.sort { $0.category < $1.category || $0.category == $1.category && $0.precedes($1) }
        return rows[...]
    }
}

extension COCOAnnotation {
    /// LVIS's `ignore`, which stands beside the keys of COCO.
    fileprivate var isMarkedIgnored: Bool {
        guard let member = extra["ignore"] else { return false }
        return !["0", "false", "null"].contains(member.text)
    }
}
