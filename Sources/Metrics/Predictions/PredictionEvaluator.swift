package import Annotations
private import Runtime

/// Compares a file of predictions with the truth: COCO's and LVIS's average precision and recall.
///
/// Images are compared in parallel, one at a time on each thread, and only the masks of these are in memory. What grows
/// with the data: a row for each result (104 bytes), 32 bytes for each one that is judged, and where masks of found
/// objects are compared, 72 bytes for each of those.
package struct PredictionEvaluator {
    private let source: any LabelSource
    private let options: PredictionOptions
    private let classes: ClassIndex
    /// Places of the images in the source, in ascending order of their ids.
    private let order: [Int]
    private let predictions: PredictionTable

    /// Images whose outcomes are in memory before they are added up.
    private static let block = 1024

    /// - Parameters:
    ///   - truth: with the sizes of its images.
    ///   - report: told of results that have no image or class, which are dropped.
    package init(
        truth: any LabelSource, predictions: consuming PredictionScan, options: PredictionOptions,
        report: (LabelFinding) -> Void
    ) {
        source = truth
        self.options = options
        classes = ClassIndex(truth.categories, options: options)
        let images = truth.images
        order = images.indices.sorted { images[$0].id < images[$1].id }
        self.predictions = PredictionTable(
            predictions, images: order.map { images[$0] }, categories: classes.numbers,
            isClassAgnostic: options.rules.isClassAgnostic, excluded: classes.excluded, report: report)
    }

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
        var pairs: [PairScores] = []
        var truths = [[SizeBin: Int]](repeating: [:], count: classes.count)
        var dropped = 0
        for start in stride(from: 0, to: order.count, by: Self.block) {
            let block = start..<min(order.count, start + Self.block)
            let outcomes = try Workers.map(block.count, grain: 8) { try compare(start + $0) }
            for outcome in outcomes {
                for (classIndex, matches) in outcome.matches { tally.add(matches, classIndex: classIndex) }
                pairs += outcome.pairs
                dropped += outcome.droppedResults
                for truth in outcome.truths { truths[truth.classIndex][truth.size, default: 0] += 1 }
                for finding in outcome.findings { report(finding) }
            }
            progress(block.upperBound, order.count)
        }
        return evaluation(tally.averages(), pairs, truths, used: predictions.count - dropped)
    }

    private func compare(_ place: Int) throws -> ImageComparison.Outcome {
        let image = source.images[order[place]]
        var findings: [LabelFinding] = []
        let annotations = try source.annotations(
            ofImage: order[place], height: image.height ?? 0, width: image.width ?? 0
        ) { findings.append($0) }
        let comparison = ImageComparison(
            image: image, place: place, classes: classes, options: options, predictions: predictions)
        var outcome = try comparison.compare(annotations, predictions.rows(ofImage: place))
        outcome.findings.insert(contentsOf: findings, at: 0)
        return outcome
    }

    private func evaluation(
        _ averages: [ClassAverages], _ pairs: [PairScores], _ truths: [[SizeBin: Int]], used: Int
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
            imageCount: order.count, predictionCount: used)
    }
}
