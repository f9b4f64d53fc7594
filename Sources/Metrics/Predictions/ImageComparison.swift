internal import Annotations
internal import Masks
internal import Runtime

/// The predictions of one image beside its truth, class by class.
struct ImageComparison {
    /// What came of one image.
    struct Outcome {
        var matches: [(classIndex: Int, matches: DetectionMatcher.Matches)] = []
        var pairs: [PairScores] = []
        /// Objects that count, by class and size of their masks; only where pairs are compared.
        var truths: [(classIndex: Int, size: SizeBin)] = []
        var findings: [LabelFinding] = []
        /// Results of the image that were read, and those of them that are judged.
        var readCount = 0
        var usedCount = 0
    }

    /// Place of the image in the order of ids.
    let place: Int
    let classes: ClassIndex
    let options: PredictionOptions
    private var reader: ShapeReader
    private var matcher: DetectionMatcher
    private var outcome = Outcome()

    /// - Parameter statesAreas: whether the truth's format has a place for areas.
    init(
        image: COCOImage, place: Int, classes: ClassIndex, options: PredictionOptions, predictions: ImagePredictions,
        statesAreas: Bool
    ) {
        self.place = place
        self.classes = classes
        self.options = options
        let needsPixels = options.overlap == .boundary || options.overlap.comparesMasks && options.pairs != nil
        reader = ShapeReader(
            image: image, kind: options.overlap, needsPixels: needsPixels, predictions: predictions,
            statesAreas: statesAreas)
        matcher = DetectionMatcher(options.rules)
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - annotations: the image's truth, in the order of the labels.
    ///   - rows: the image's results, in the order of the file.
    consuming func compare(_ annotations: [COCOAnnotation], _ rows: ArraySlice<PredictionRow>) throws -> Outcome {
        let labels = grouped(annotations).map { ($0.classIndex, labelled($0.annotations)) }.filter {
            !$0.1.truths.isEmpty
        }
        let rows = ranked(rows, present: Set(labels.map(\.0)))
        let unknown: Set<Int> =
            options.rules.isFederated ? classes.listed("not_exhaustive_category_ids", of: reader.image) : []
        // Both lists are sorted by class: one walk over them.
        var next = 0
        var row = rows.startIndex
        while next < labels.count || row < rows.endIndex {
            let detected = row < rows.endIndex ? number(of: rows[row]) : .max
            let classIndex = next < labels.count ? min(labels[next].0, detected) : detected
            var end = row
            while end < rows.endIndex && number(of: rows[end]) == classIndex { end += 1 }
            let isLabelled = next < labels.count && labels[next].0 == classIndex
            try compare(
                isLabelled ? labels[next].1 : Labels(), rows[row..<end], classIndex: classIndex,
                ignoresUnmatched: unknown.contains(classIndex))
            if isLabelled { next += 1 }
            row = end
        }
        outcome.findings += reader.findings
        return outcome
    }

    // MARK: Groups

    /// The class that a result is judged in.
    private func number(of row: PredictionRow) -> Int { classes.isClassAgnostic ? 0 : Int(row.category) }

    /// The labels of each class that counts, classes in order.
    private mutating func grouped(
        _ annotations: [COCOAnnotation]
    ) -> [(classIndex: Int, annotations: [COCOAnnotation])] {
        if classes.isClassAgnostic {
            let sorted = annotations.enumerated().sorted {
                ($0.element.categoryID, $0.offset) < ($1.element.categoryID, $1.offset)
            }
            return sorted.isEmpty ? [] : [(0, sorted.map(\.element))]
        }
        var numbered: [(classIndex: Int, place: Int)] = []
        for (place, annotation) in annotations.enumerated() {
            if let number = classes.numbers[annotation.categoryID] {
                numbered.append((number, place))
            } else if !classes.excluded.contains(annotation.categoryID) {
                reader.drop(
                    PredictionRule.danglingCategory, annotation.location,
                    "the file has no category \(annotation.categoryID); the annotation is dropped")
            }
        }
        numbered.sort { ($0.classIndex, $0.place) < ($1.classIndex, $1.place) }
        var groups: [(classIndex: Int, annotations: [COCOAnnotation])] = []
        for (number, place) in numbered {
            if groups.last?.classIndex != number { groups.append((number, [])) }
            groups[groups.count - 1].annotations.append(annotations[place])
        }
        return groups
    }

    /// The results that count by class, best first in each.
    ///
    /// - Parameter present: classes that have a label in the image.
    private func ranked(_ rows: ArraySlice<PredictionRow>, present: Set<Int>) -> ArraySlice<PredictionRow> {
        var rows = Array(rows)
        if classes.isClassAgnostic {
            rows.sort {
                $0.score > $1.score || $0.score == $1.score && ($0.category, $0.number) < ($1.category, $1.number)
            }
            return rows[...]
        }
        if options.rules.isFederated {
            rows.sort { $0.precedes($1) }
            if let limit = options.rules.maximumDetections.last, rows.count > limit { rows.removeSubrange(limit...) }
            // Of classes that are not known to be there or to be absent, nothing is known.
            let absent = classes.listed("neg_category_ids", of: reader.image)
            rows.removeAll { !present.contains(Int($0.category)) && !absent.contains(Int($0.category)) }
        }
        rows.sort { $0.category < $1.category || $0.category == $1.category && $0.precedes($1) }
        return rows[...]
    }

    // MARK: One class

    /// Labels that count, with their shapes.
    private struct Labels {
        var truths: [DetectionCell.Truth] = []
        var shapes: [ShapeReader.Shape] = []

        mutating func append(_ truth: DetectionCell.Truth, _ shape: ShapeReader.Shape) {
            truths.append(truth)
            shapes.append(shape)
        }
    }

    /// Shapes of labels, and what matching them means.
    private mutating func labelled(_ annotations: [COCOAnnotation]) -> Labels {
        var labels = Labels()
        for annotation in annotations {
            guard let shape = reader.shape(of: annotation) else { continue }
            let isCrowd = annotation.isCrowd
            guard options.rules.isFederated else {
                labels.append(DetectionCell.Truth(area: shape.area, isIgnored: isCrowd, takesMany: isCrowd), shape)
                continue
            }
            guard shape.area > 0 else {
                reader.note(
                    PredictionRule.areaZero, annotation.location,
                    "the annotation has an area of \(shape.area); by LVIS's rules it does not count")
                continue
            }
            labels.append(DetectionCell.Truth(area: shape.area, isIgnored: annotation.isMarkedIgnored), shape)
        }
        return labels
    }

    private mutating func compare(
        _ labels: Labels, _ rows: ArraySlice<PredictionRow>, classIndex: Int, ignoresUnmatched: Bool
    ) throws {
        let limit = options.rules.maximumDetections.last ?? 0
        var detections: [DetectionCell.Detection] = []
        var shapes: [ShapeReader.Shape] = []
        var last: PredictionRow?
        for row in rows where detections.count < limit {
            guard let shape = try reader.shape(of: row) else { continue }
            if options.rules.isFederated && !(shape.area > 0) {
                reader.note(
                    PredictionRule.areaZero, reader.location(of: row),
                    "the result has an area of \(shape.area); by LVIS's rules it does not count")
                continue
            }
            if let last, isSame(last, row) {
                reader.note(
                    PredictionRule.duplicate, reader.location(of: row),
                    "the result is the same as result \(last.number); both count")
            }
            last = row
            detections.append(DetectionCell.Detection(score: row.score, area: shape.area))
            shapes.append(shape)
        }
        let cell = DetectionCell(
            truths: labels.truths, detections: detections,
            overlaps: shapes.isEmpty || labels.shapes.isEmpty ? [] : try overlaps(shapes, labels),
            ignoresUnmatched: ignoresUnmatched)
        let matches = matcher.match(cell)
        outcome.matches.append((classIndex, matches))
        if options.pairs != nil && options.overlap.comparesMasks {
            comparePairs(labels, shapes, matches, classIndex: classIndex)
        }
    }

    /// Compares the masks of objects that were found with those that found them.
    private mutating func comparePairs(
        _ labels: Labels, _ shapes: [ShapeReader.Shape], _ matches: DetectionMatcher.Matches, classIndex: Int
    ) {
        for (index, truth) in labels.truths.enumerated() where !truth.isIgnored {
            guard let mask = labels.shapes[index].mask else { continue }
            outcome.truths.append((classIndex, SizeBin(area: Double(mask.area))))
            guard let finder = matches.finders[index], let found = shapes[finder].mask else { continue }
            outcome.pairs.append(
                PairScores(
                    prediction: found, truth: mask, classIndex: classIndex, image: place,
                    options: options.pairs ?? PairScores.Options()))
        }
    }

    /// Whether two results of one image and class are the same to the last byte of their shapes.
    private func isSame(_ a: PredictionRow, _ b: PredictionRow) -> Bool {
        guard a.score == b.score, a.hasBox == b.hasBox, a.box == b.box,
            a.segmentation.count == b.segmentation.count
        else { return false }
        switch reader.predictions.shapes {
        case .file(let file):
            return file.withBytes { $0[a.segmentation].elementsEqual($0[b.segmentation]) }
        case .labels(let labels): return labels[a.number - 1].segmentation == labels[b.number - 1].segmentation
        }
    }

    /// Row-major [detections, truths].
    private func overlaps(_ detections: [ShapeReader.Shape], _ labels: Labels) throws(MaskError) -> [Double] {
        let crowd = labels.truths.map(\.takesMany)
        guard options.overlap.comparesMasks else {
            return Box.intersectionOverUnion(
                detections: detections.map(\.box), groundTruth: labels.shapes.map(\.box), isCrowd: crowd
            ).map { $0.isNaN ? 0 : $0 }
        }
        let found = detections.compactMap(\.mask)
        let labelled = labels.shapes.compactMap(\.mask)
        var overlaps = try RLE.intersectionOverUnion(detections: found, groundTruth: labelled, isCrowd: crowd)
        guard options.overlap == .boundary else { return overlaps }
        let thickness = MaskMetrics.boundaryThickness(height: found[0].height, width: found[0].width)
        let bands = try RLE.intersectionOverUnion(
            detections: found.map { $0.boundary(thickness: thickness) },
            groundTruth: labelled.map { $0.boundary(thickness: thickness) }, isCrowd: crowd)
        for index in overlaps.indices where !crowd[index % crowd.count] {
            overlaps[index] = min(overlaps[index], bands[index])
        }
        return overlaps
    }
}

extension COCOAnnotation {
    /// LVIS's `ignore`, which stands beside the keys of COCO.
    fileprivate var isMarkedIgnored: Bool {
        guard let member = extra["ignore"] else { return false }
        return member.value != Array("0".utf8) && member.value != Array("false".utf8)
            && member.value != Array("null".utf8)
    }
}
