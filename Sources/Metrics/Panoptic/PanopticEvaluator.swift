package import Annotations
internal import Runtime

/// Compares panoptic predictions with the truth, image by image and in parallel: panoptic quality.
///
/// Only the id maps of the images at work are in memory.
package struct PanopticEvaluator: Sendable {
    let truth: PanopticFile
    let predictions: PanopticFile
    /// Folder of the true PNGs.
    let truthFolder: String
    /// Folder of the predicted PNGs.
    let predictionFolder: String
    private let classes: [COCOIdentifier: Int]
    private let entries: [COCOIdentifier: PanopticFile.Entry]

    private static let block = 256

    /// What came of one image.
    private struct Outcome {
        var counts: [Int: PanopticCounts] = [:]
        var isCompared = false
        var findings: [LabelFinding] = []

        mutating func note(
            _ rule: String, _ severity: Severity, _ location: DataLocation, _ message: String,
            dropped: COCOSection? = nil
        ) {
            findings.append(
                LabelFinding(
                    Finding(rule: rule, severity: severity, location: location, message: message), dropped: dropped))
        }
    }

    package init(truth: PanopticFile, truthFolder: String, predictions: PanopticFile, predictionFolder: String) {
        self.truth = truth
        self.predictions = predictions
        self.truthFolder = truthFolder
        self.predictionFolder = predictionFolder
        classes = Dictionary(uniqueKeysWithValues: truth.categories.enumerated().map { ($1.id, $0) })
        // Of two predictions of one image the reference takes the last.
        entries = Dictionary(predictions.entries.map { ($0.imageID, $0) }, uniquingKeysWith: { $1 })
    }

    /// Whether there is a prediction for an image of the truth.
    package var haveImagesInCommon: Bool { truth.entries.contains { entries[$0.imageID] != nil } }

    /// Compares all images of the truth.
    ///
    /// - Parameters:
    ///   - progress: told now and then how many images are done, of how many.
    ///   - report: told what is wrong, and what was left out for it.
    package func run(
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }, report: (LabelFinding) -> Void
    ) throws -> PanopticEvaluation {
        var counts = [PanopticCounts](repeating: PanopticCounts(), count: truth.categories.count)
        var imageCount = 0
        for finding in pairingFindings() { report(finding) }
        for start in stride(from: 0, to: truth.entries.count, by: Self.block) {
            let block = start..<min(truth.entries.count, start + Self.block)
            for outcome in try Workers.map(block.count, { compare(truth.entries[start + $0]) }) {
                for (index, count) in outcome.counts { counts[index].add(count) }
                if outcome.isCompared { imageCount += 1 }
                for finding in outcome.findings { report(finding) }
            }
            progress(block.upperBound, truth.entries.count)
        }
        let results = truth.categories.enumerated().map { index, category in
            PanopticEvaluation.ClassResult(
                category: category, isThing: PanopticFile.isThing(category), counts: counts[index])
        }
        return PanopticEvaluation(classes: results, imageCount: imageCount)
    }

    // MARK: One image

    private func compare(_ entry: PanopticFile.Entry) -> Outcome {
        var outcome = Outcome()
        guard let map = image(entry, isTruth: true, "it is left out", &outcome) else { return outcome }
        outcome.isCompared = true
        let predicted = prediction(of: entry, like: map, &outcome)
        let comparison = PanopticComparison(
            truth: map.ids, prediction: predicted?.map.ids ?? [UInt32](repeating: 0, count: map.ids.count))
        let segments = self.segments(of: entry, isTruth: true, areas: comparison.truthAreas, &outcome)
        let others = predicted.map {
            self.segments(of: $0.entry, isTruth: false, areas: comparison.predictedAreas, &outcome)
        }
        outcome.counts = comparison.counts(
            truth: segments, predicted: (others ?? []).filter { comparison.predictedAreas[$0.id] != nil })
        return outcome
    }

    /// The prediction for an image; nil, and a finding, where there is none that can be compared.
    private func prediction(
        of entry: PanopticFile.Entry, like map: PanopticImage, _ outcome: inout Outcome
    ) -> (entry: PanopticFile.Entry, map: PanopticImage)? {
        let consequence = "all its segments count as missed"
        guard let other = entries[entry.imageID] else {
            outcome.note(
                PredictionRule.predictionMissing, .error, location(entry, truth),
                "\(predictions.path) has no image \(entry.imageID)"
                    + entry.imageID.typeHint("image") { entries[$0] != nil } + "; \(consequence)")
            return nil
        }
        guard let predicted = image(other, isTruth: false, consequence, &outcome) else { return nil }
        guard predicted.height == map.height, predicted.width == map.width else {
            outcome.note(
                PredictionRule.predictionMissing, .error, location(other, predictions),
                "the prediction has \(predicted.height) x \(predicted.width) pixels, the truth "
                    + "\(map.height) x \(map.width); \(consequence)")
            return nil
        }
        return (other, predicted)
    }

    private func image(
        _ entry: PanopticFile.Entry, isTruth: Bool, _ consequence: String, _ outcome: inout Outcome
    ) -> PanopticImage? {
        let folder = isTruth ? truthFolder : predictionFolder
        let rule = isTruth ? PredictionRule.truthUnreadable : PredictionRule.predictionMissing
        let place = location(entry, isTruth ? truth : predictions)
        let parts = entry.fileName.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(".."), !entry.fileName.hasPrefix("/"), !entry.fileName.isEmpty else {
            outcome.note(
                rule, .error, place,
                "\"\(entry.fileName)\" is not the name of a file below \(folder); \(consequence)",
                dropped: isTruth ? .images : nil)
            return nil
        }
        do {
            return try PanopticImage(path: FileSystem.join(folder, entry.fileName))
        } catch {
            let reason = (error as? any OperationError)?.message ?? "\(error)"
            outcome.note(
                rule, .error, place, "\(FileSystem.join(folder, entry.fileName)): \(reason); \(consequence)",
                dropped: isTruth ? .images : nil)
            return nil
        }
    }

    /// The segments of an image that have a known class; where the PNG and the JSON differ is reported.
    private func segments(
        of entry: PanopticFile.Entry, isTruth: Bool, areas: [UInt32: Int], _ outcome: inout Outcome
    ) -> [PanopticSegment] {
        let file = isTruth ? truth : predictions
        var findings: [LabelFinding] = []
        let stated = file.segments(of: entry) { findings.append($0) }
        outcome.findings += findings
        func place(_ segment: UInt32) -> DataLocation {
            var place = location(entry, file)
            // Ids of segments are an image's own.
            place.annotationID = "\(entry.imageID)/\(segment)"
            return place
        }
        var segments: [PanopticSegment] = []
        for segment in stated {
            guard let index = classes[segment.categoryID] else {
                outcome.note(
                    isTruth ? PredictionRule.danglingCategory : PredictionRule.unknownCategory, .error,
                    place(segment.id),
                    "segment \(segment.id) is of a category that the truth does not have, \(segment.categoryID)"
                        + segment.categoryID.typeHint("category") { classes[$0] != nil } + "; it is left out",
                    dropped: .annotations)
                continue
            }
            if areas[segment.id] == nil {
                outcome.note(
                    PredictionRule.segmentMismatch, .warning, place(segment.id),
                    "segment \(segment.id) has no pixel in \(entry.fileName)"
                        + (isTruth ? "; it counts as missed" : "; it is left out"),
                    dropped: isTruth ? nil : .annotations)
            }
            segments.append(
                PanopticSegment(
                    id: segment.id, classIndex: index, area: isTruth ? segment.area : nil, isCrowd: segment.isCrowd))
        }
        let known = Set(stated.map(\.id))
        for id in areas.keys.sorted() where id != PanopticComparison.void && !known.contains(id) {
            outcome.note(
                PredictionRule.segmentMismatch, .warning, place(id),
                "\(entry.fileName) has \(areas[id] ?? 0) pixels of a segment \(id) that \(file.path) does not list"
                    + (isTruth ? "; nothing can be found there" : "; it is left out"),
                dropped: isTruth ? nil : .annotations)
        }
        return segments
    }

    /// The entry that counts of an image's.
    func prediction(ofImage id: COCOIdentifier) -> PanopticFile.Entry? { entries[id] }

    func location(_ entry: PanopticFile.Entry, _ file: PanopticFile) -> DataLocation {
        DataLocation(path: file.path, byteOffset: entry.place.lowerBound, imageID: entry.imageID.description)
    }
}
