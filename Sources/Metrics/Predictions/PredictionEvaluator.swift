package import Annotations
private import Runtime
private import Synchronization

/// Compares predictions with the truth: COCO's and LVIS's average precision and recall.
///
/// Images are compared in parallel, one at a time on each thread, and only the masks of these are in memory. What grows
/// with the data: a row for each result (104 bytes), 32 bytes for each one that is judged, and where masks of found
/// objects are compared, 72 bytes for each of those.
package struct PredictionEvaluator {
    private let source: any LabelSource
    private let setting: ComparisonSetting
    /// Places of the images in the source, in ascending order of their ids.
    private let order: [Int]
    private let predictions: PredictionSet

    /// Images whose outcomes are in memory before they are added up.
    private static let block = 1024

    /// - Parameters:
    ///   - truth: with the sizes of its images.
    ///   - report: told of results that have no image or class, which are dropped.
    package init(
        truth: any LabelSource, predictions: consuming PredictionScan, options: PredictionOptions,
        report: (LabelFinding) -> Void
    ) {
        let classes = ClassIndex(truth.categories, options: options)
        let order = Self.order(of: truth)
        let table = PredictionTable(
            predictions, images: order.map { truth.images[$0] }, areIDsStated: truth.statesImageIDs,
            classes: classes, report: report)
        self.init(truth: truth, options: options, classes: classes, order: order, predictions: .results(table))
    }

    /// The labels of a second annotator in place of a model's predictions: objects of the score that they state, or 1.
    ///
    /// - Parameters:
    ///   - truth: with the sizes of its images.
    ///   - labels: in any format; images and classes are told by their names.
    ///   - report: told of images that the truth does not have, which are dropped.
    /// - Throws: what the labels' source throws.
    package init(
        truth: any LabelSource, labels: any LabelSource, options: PredictionOptions, report: (LabelFinding) -> Void
    ) throws {
        let classes = ClassIndex(truth.categories, options: options)
        let order = Self.order(of: truth)
        let found = try LabelPredictions(
            labels, images: order.map { truth.images[$0] }, areIDsStated: truth.statesImageIDs, classes: classes,
            report: report)
        self.init(truth: truth, options: options, classes: classes, order: order, predictions: .labels(found))
    }

    private init(
        truth: any LabelSource, options: PredictionOptions, classes: ClassIndex, order: [Int],
        predictions: PredictionSet
    ) {
        source = truth
        setting = ComparisonSetting(classes: classes, options: options, statesAreas: truth.statesAreas)
        self.order = order
        self.predictions = predictions
    }

    private static func order(of truth: any LabelSource) -> [Int] {
        let images = truth.images
        return images.indices.sorted { images[$0].id < images[$1].id }
    }

    private var options: PredictionOptions { setting.options }
    private var classes: ClassIndex { setting.classes }

    /// Compares all images.
    ///
    /// - Parameters:
    ///   - progress: told now and then how many images are done, of how many.
    ///   - report: told what is wrong with labels and results, and what was dropped for it.
    /// - Throws: what the source throws.
    package func run(
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }, report: (LabelFinding) -> Void
    ) throws -> PredictionEvaluation {
        var tally = DetectionTally(classCount: classes.count, rules: options.rules)
        let areas = options.rules.areaRanges.count
        var pairs: [PairScores] = []
        var truths = [[SizeBin: Int]](repeating: [:], count: classes.count)
        var counts = (read: predictions.strayCount, used: 0)
        for start in stride(from: 0, to: order.count, by: Self.block) {
            let block = start..<min(order.count, start + Self.block)
            for outcome in try compare(block) {
                var cellStart = 0
                for (number, cell) in outcome.cells.enumerated() {
                    tally.add(
                        outcome.detections[cellStart..<cell.end],
                        truthCounts: outcome.truthCounts[number * areas..<(number + 1) * areas],
                        classIndex: cell.classIndex)
                    cellStart = cell.end
                }
                pairs += outcome.pairs
                for truth in outcome.truths { truths[truth.classIndex][truth.size, default: 0] += 1 }
                counts.read += outcome.readCount
                counts.used += outcome.usedCount
                for finding in outcome.findings { report(finding) }
            }
            progress(block.upperBound, order.count)
        }
        return evaluation(tally.averages(), pairs, truths, counts)
    }

    /// Compares some images, each thread a few at a time, between which it keeps the matcher's memory.
    private func compare(_ places: Range<Int>) throws -> [ImageComparison.Outcome] {
        let outcomes = Mutex(
            [Result<ImageComparison.Outcome, any Error>?](repeating: nil, count: places.count))
        Workers.forEachChunk(of: places.count, grain: 8) { items, _ in
            var matcher = DetectionMatcher(options.rules)
            for item in items {
                let outcome = Result { try compare(places.lowerBound + item, &matcher) }
                outcomes.withLock { $0[item] = outcome }
            }
        }
        return try outcomes.withLock { $0 }.compactMap { try $0?.get() }
    }

    private func compare(_ place: Int, _ matcher: inout DetectionMatcher) throws -> ImageComparison.Outcome {
        let image = source.images[order[place]]
        var findings: [LabelFinding] = []
        let found = try predictions.predictions(ofImage: place, image)
        found.cacheShapes()
        let annotations = try source.annotations(
            ofImage: order[place], height: image.height ?? 0, width: image.width ?? 0
        ) { findings.append($0) }
        let comparison = ImageComparison(image: image, place: place, setting: setting, predictions: found)
        var outcome = try comparison.compare(annotations, found.rows, &matcher)
        if !findings.isEmpty || !found.findings.isEmpty || !outcome.findings.isEmpty {
            // An object that counts in the place of another with its id is looked at twice, and told of once.
            var told: Set<LabelFinding> = []
            outcome.findings = (findings + found.findings + outcome.findings).filter { told.insert($0).inserted }
        }
        (outcome.readCount, outcome.usedCount) = (found.readCount, found.rows.count - outcome.droppedResults)
        return outcome
    }

    private func evaluation(
        _ averages: [ClassAverages], _ pairs: [PairScores], _ truths: [[SizeBin: Int]],
        _ counts: (read: Int, used: Int)
    ) -> PredictionEvaluation {
        let figures =
            options.rules.isFederated
            ? DetectionFigure.lvis(averages, frequencies: classes.frequencies, rules: options.rules)
            : DetectionFigure.coco(averages, rules: options.rules)
        let results = averages.enumerated().map { index, one in
            PredictionEvaluation.ClassResult(
                category: classes.isClassAgnostic ? nil : classes.categories[index], averages: one)
        }
        return PredictionEvaluation(
            rules: options.rules, figures: figures, classes: results,
            pairs: options.pairs == nil || !options.overlap.comparesMasks
                ? nil : PairSummary(pairs, truths: truths, bootstrap: options.bootstrap),
            imageCount: order.count, predictionCount: counts.used, readCount: counts.read)
    }
}
