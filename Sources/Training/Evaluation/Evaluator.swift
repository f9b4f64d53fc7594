private import Images
private import Masks
private import Metrics
private import Pipeline
private import Runtime
package import Shards

/// Asks answerers for every object of a set with its box, with its deepest point and, where wanted, with further clicks, and
/// compares with the labels at the size of the images.
///
/// Crowd regions and objects below the least area are left out.
package struct Evaluator: Sendable {
    private let set: ShardSet
    /// What is looked at.
    package let subset: EvaluationSubset
    private let minObjectArea: Int
    private let clicks: Int
    private let comparesBoundaries: Bool
    private let keepsMasks: Bool

    /// - Parameters:
    ///   - set: what to evaluate on.
    ///   - subset: the part of it that is looked at; nil for all.
    ///   - minObjectArea: objects with fewer pixels are left out.
    ///   - clicks: the most clicks that an object is given, at least 1.
    ///   - comparesBoundaries: also boundary IoU and HD95, which take longer than all the rest.
    ///   - keepsMasks: whether rows hold the masks for boxes and points.
    package init(
        _ set: ShardSet, subset: EvaluationSubset? = nil, minObjectArea: Int = 1, clicks: Int = 1,
        comparesBoundaries: Bool = true, keepsMasks: Bool = false
    ) {
        precondition(clicks >= 1, "\(clicks) clicks; at least one is given")
        self.set = set
        self.subset = subset ?? EvaluationSubset(set)
        self.minObjectArea = minObjectArea
        self.clicks = clicks
        self.comparesBoundaries = comparesBoundaries
        self.keepsMasks = keepsMasks
    }

    /// Compares all answerers in one pass over the images.
    ///
    /// - Parameters:
    ///   - answerers: in the order of the results.
    ///   - show: called with every answerer's masks of each image.
    ///   - progress: called after each image with the number done; returns whether to go on.
    /// - Returns: one evaluation an answerer, or nil when it was told to stop.
    /// - Throws: `TrainingError.data` when there is no object to evaluate; `ShardError`, `ImageError` or `PipelineError`
    ///   for a record that cannot be read.
    package func evaluate(
        _ answerers: [any Answerer], show: (AnsweredImage) throws -> Void = { _ in },
        progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
    ) throws -> [Evaluation]? {
        var results = answerers.map { answerer in
            var evaluation = Evaluation(name: answerer.name)
            evaluation.remarks = answerer.remarks(clicks: clicks)
            return evaluation
        }
        for (position, record) in subset.records.enumerated() {
            let sample = try set.sample(at: record)
            let objects = subset.chosen(of: sample.trainableObjects(minArea: minObjectArea), at: position)
            if !objects.isEmpty {
                let image = try sample.decodedImage()
                let labels = objects.map(\.mask)
                for (number, answerer) in answerers.enumerated() {
                    let start = ContinuousClock.now
                    let answers = try answerer.answers(
                        about: EvaluatedImage(image, source: sample.pixelSource), objects: labels, clicks: clicks)
                    results[number].imageCount += 1
                    results[number].answerSeconds += start.secondsSince
                    results[number].rows += try rows(answers, of: objects, in: sample, record: record)
                    try show(
                        AnsweredImage(
                            sample: sample, image: image, objects: objects, answerer: number,
                            masks: [.box: answers.boxes, .point: answers.clicks[0]]))
                }
            }
            if !progress(position + 1, subset.records.count) { return nil }
        }
        guard answerers.isEmpty || !results[0].rows.isEmpty else {
            throw TrainingError(
                .data, "holds no object to evaluate: all are crowds or smaller than \(minObjectArea) pixels",
                at: DataLocation(path: set.path))
        }
        return results
    }

    /// The middle of the areas of all objects that are looked at, in pixels.
    ///
    /// - Returns: nil when there is no object.
    package func medianArea() throws -> Double? {
        var areas: [Int] = []
        for (position, record) in subset.records.enumerated() {
            let objects = try set.sample(at: record).trainableObjects(minArea: minObjectArea)
            areas += subset.chosen(of: objects, at: position).map(\.mask.area)
        }
        areas.sort()
        return areas.isEmpty ? nil : Double(areas[(areas.count - 1) / 2] + areas[areas.count / 2]) / 2
    }

    /// The rows of one image, compared in parallel.
    private func rows(
        _ answers: ObjectAnswers, of objects: [ShardObject], in sample: ShardSample, record: Int
    ) throws -> [ObjectRow] {
        try Workers.map(objects.count) { index in
            let object = objects[index]
            let truth = object.mask.bitmap()
            func scores(_ mask: RLE) -> ObjectScores {
                ObjectScores(prediction: mask.bitmap(), truth: truth, comparesBoundaries: comparesBoundaries)
            }
            var clicks: [ObjectScores] = []
            for (round, masks) in answers.clicks.enumerated() {
                // A mask that stayed as it was need not be compared again.
                let isSame = round > 0 && masks[index] == answers.clicks[round - 1][index]
                clicks.append(isSame ? clicks[round - 1] : scores(masks[index]))
            }
            return ObjectRow(
                record: record, imageID: sample.imageID, annotationID: object.annotationID,
                categoryID: object.categoryID, area: object.mask.area, box: scores(answers.boxes[index]),
                clicks: clicks, boxMask: keepsMasks ? answers.boxes[index].compressedString : nil,
                pointMask: keepsMasks ? answers.clicks[0][index].compressedString : nil)
        }
    }
}
