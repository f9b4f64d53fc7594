internal import Annotations
internal import Masks
internal import Runtime

/// The predictions of one image beside its truth, class by class.
struct ImageComparison {
    /// What came of one image.
    struct Outcome {
        /// One class of the image.
        struct Cell {
            var classIndex: Int
            /// Where its part of ``Outcome/detections`` ends.
            var end: Int
        }

        var cells: [Cell] = []
        /// What became of the detections, class after class.
        var detections: [DetectionOutcome] = []
        /// For each class and each area range, the objects that count.
        var truthCounts: [Int] = []
        var pairs: [PairScores] = []
        /// Objects that count, by class and size of their masks; only where pairs are compared.
        var truths: [(classIndex: Int, size: SizeBin)] = []
        var findings: [LabelFinding] = []
        /// Results that have no shape, and were dropped for it.
        var droppedResults = 0
        /// Results of the image that were read, and those of them that are judged.
        var readCount = 0
        var usedCount = 0
    }

    /// Place of the image in the order of ids.
    let place: Int
    let setting: ComparisonSetting
    var reader: ShapeReader
    private var outcome = Outcome()

    var classes: ClassIndex { setting.classes }
    var options: PredictionOptions { setting.options }

    init(image: COCOImage, place: Int, setting: ComparisonSetting, predictions: ImagePredictions) {
        self.place = place
        self.setting = setting
        reader = ShapeReader(image: image, setting: setting, predictions: predictions)
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - annotations: the image's truth, in the order of the labels.
    ///   - rows: the image's results, in the order of the file.
    ///   - matcher: by the setting's rules.
    consuming func compare(
        _ annotations: [COCOAnnotation], _ rows: ArraySlice<PredictionRow>, _ matcher: inout DetectionMatcher
    ) throws -> Outcome {
        let labels = labelled(annotations)
        let rows = ranked(rows, labels)
        let unknown: Set<Int> =
            setting.options.rules.isFederated
            ? setting.classes.listed("not_exhaustive_category_ids", of: reader.image) : []
        // Both lists are sorted by class: one walk over them.
        var next = 0
        var row = rows.startIndex
        var found = Found()
        while next < labels.count || row < rows.endIndex {
            let detected = row < rows.endIndex ? number(of: rows[row]) : .max
            let classIndex = next < labels.count ? min(labels[next].classIndex, detected) : detected
            var end = row
            while end < rows.endIndex && number(of: rows[end]) == classIndex { end += 1 }
            let isLabelled = next < labels.count && labels[next].classIndex == classIndex
            try compare(
                isLabelled ? labels[next] : Labels(classIndex: classIndex), rows[row..<end], &found, &matcher,
                ignoresUnmatched: unknown.contains(classIndex))
            if isLabelled { next += 1 }
            row = end
        }
        outcome.findings += reader.findings
        return outcome
    }

    // MARK: One class

    /// Results of one class: their boxes, or their masks where these are compared. One class after the other uses the memory.
    private struct Found {
        var detections: [DetectionCell.Detection] = []
        /// Only where pairs are compared.
        var rows: [PredictionRow] = []
        var boxes: [Box] = []
        var masks: [RLE] = []

        mutating func clear() {
            detections.removeAll(keepingCapacity: true)
            rows.removeAll(keepingCapacity: true)
            boxes.removeAll(keepingCapacity: true)
            masks.removeAll(keepingCapacity: true)
        }
    }

    private mutating func compare(
        _ labels: Labels, _ rows: ArraySlice<PredictionRow>, _ found: inout Found, _ matcher: inout DetectionMatcher,
        ignoresUnmatched: Bool
    ) throws {
        let limit = setting.options.rules.maximumDetections.last ?? 0
        let comparesMasks = setting.options.overlap.comparesMasks
        found.clear()
        var last: PredictionRow?
        for row in rows where found.detections.count < limit {
            guard let shape = try reader.shape(of: row) else {
                outcome.droppedResults += 1
                continue
            }
            if setting.options.rules.isFederated && !(shape.area > 0) {
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
            found.detections.append(DetectionCell.Detection(score: row.score, area: shape.area))
            if setting.options.pairs != nil { found.rows.append(row) }
            if !comparesMasks {
                found.boxes.append(shape.box)
            } else if let mask = shape.mask {
                found.masks.append(mask)
            }
        }
        let cell = DetectionCell(
            truths: labels.truths, detections: found.detections,
            overlaps: found.detections.isEmpty || labels.truths.isEmpty ? [] : try overlaps(found, labels),
            ignoresUnmatched: ignoresUnmatched)
        let matches = matcher.match(cell)
        outcome.detections += matches.outcomes
        outcome.truthCounts += matches.truthCounts
        outcome.cells.append(Outcome.Cell(classIndex: labels.classIndex, end: outcome.detections.count))
        if setting.options.pairs != nil && comparesMasks { comparePairs(labels, found, matches) }
    }

    /// Compares the masks of objects that were found with those that found them. Where one is too large to become pixels,
    /// the object is left out of these measures, and of these alone.
    private mutating func comparePairs(
        _ labels: Labels, _ found: Found, _ matches: DetectionMatcher.Matches
    ) {
        for (index, truth) in labels.truths.enumerated() where !truth.isIgnored {
            let mask = labels.masks[index].rle
            if let problem = ShapeReader.pixelProblem(of: mask) {
                reader.note(
                    PredictionRule.maskTooLarge, labels.locations[index],
                    problem + "; the object is left out of the measures of --quality")
                continue
            }
            let finder = matches.finders[index]
            if let finder, let problem = ShapeReader.pixelProblem(of: found.masks[finder]) {
                reader.note(
                    PredictionRule.maskTooLarge, reader.location(of: found.rows[finder]),
                    problem + "; the object that it finds is left out of the measures of --quality")
                continue
            }
            outcome.truths.append((labels.classIndex, SizeBin(area: Double(mask.area))))
            guard let finder else { continue }
            outcome.pairs.append(
                PairScores(
                    prediction: found.masks[finder], truth: mask, classIndex: labels.classIndex, image: place,
                    options: setting.options.pairs ?? PairScores.Options()))
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
    private func overlaps(_ found: Found, _ labels: Labels) throws(MaskError) -> [Double] {
        // No flags are none: most classes of an image have no crowd.
        let hasCrowd = labels.truths.contains(where: \.takesMany)
        let crowd = hasCrowd ? labels.truths.map(\.takesMany) : []
        guard setting.options.overlap.comparesMasks else {
            return Box.intersectionOverUnion(
                detections: found.boxes, groundTruth: labels.boxes, isCrowd: crowd
            ).map { $0.isNaN ? 0 : $0 }
        }
        let found = found.masks
        var labelled: [RLE] = []
        labelled.reserveCapacity(labels.masks.count)
        for mask in labels.masks { labelled.append(try mask.rle(for: found, lowest: setting.lowestOverlap)) }
        var overlaps = try RLE.intersectionOverUnion(detections: found, groundTruth: labelled, isCrowd: crowd)
        guard setting.options.overlap == .boundary else { return overlaps }
        let thickness = MaskMetrics.boundaryThickness(height: found[0].height, width: found[0].width)
        let bands = try RLE.intersectionOverUnion(
            detections: found.map { $0.boundary(thickness: thickness) },
            groundTruth: labelled.map { $0.boundary(thickness: thickness) }, isCrowd: crowd)
        for index in overlaps.indices where !hasCrowd || !crowd[index % crowd.count] {
            overlaps[index] = min(overlaps[index], bands[index])
        }
        return overlaps
    }
}
