private import Images
private import Masks
private import Metrics
private import Pipeline
private import Runtime
package import Shards

/// Asks answerers for every object of a set, once with its box and once with its deepest point, and compares with the
/// labels at the size of the images.
///
/// Crowd regions and objects below the least area are left out.
package struct Evaluator: Sendable {
    private let set: ShardSet
    private let minObjectArea: Int
    private let comparesBoundaries: Bool

    /// - Parameters:
    ///   - set: what to evaluate on.
    ///   - minObjectArea: objects with fewer pixels are left out.
    ///   - comparesBoundaries: also boundary IoU and HD95, which take longer than all the rest.
    package init(_ set: ShardSet, minObjectArea: Int = 1, comparesBoundaries: Bool = true) {
        self.set = set
        self.minObjectArea = minObjectArea
        self.comparesBoundaries = comparesBoundaries
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
        var results = answerers.map { Evaluation(name: $0.name) }
        var objectCount = 0
        for index in 0..<set.count {
            let sample = try set.sample(at: index)
            let objects = sample.trainableObjects(minArea: minObjectArea)
            objectCount += objects.count
            if !objects.isEmpty {
                let image = try sample.decodedImage()
                let prompts = PromptKind.allCases.flatMap { kind in objects.map { kind.prompt(for: $0.mask) } }
                for (number, answerer) in answerers.enumerated() {
                    let start = ContinuousClock.now
                    let answers = try answerer.masks(of: image, for: prompts)
                    results[number].imageCount += 1
                    results[number].answerSeconds += start.secondsSince
                    try add(answers, for: objects, to: &results[number])
                    try show(
                        AnsweredImage(
                            sample: sample, image: image, objects: objects, answerer: number,
                            masks: Self.byKind(answers, objects: objects.count)))
                }
            }
            if !progress(index + 1, set.count) { return nil }
        }
        guard objectCount > 0 else {
            throw TrainingError(
                .data, "holds no object to evaluate: all are crowds or smaller than \(minObjectArea) pixels",
                at: DataLocation(path: set.path))
        }
        return results
    }

    /// The middle of all objects' areas, in pixels.
    ///
    /// - Returns: nil when there is no object.
    package func medianArea() throws -> Double? {
        var areas: [Int] = []
        for index in 0..<set.count {
            areas += try set.sample(at: index).trainableObjects(minArea: minObjectArea).map(\.mask.area)
        }
        areas.sort()
        return areas.isEmpty ? nil : Double(areas[(areas.count - 1) / 2] + areas[areas.count / 2]) / 2
    }

    /// Answers to the prompts of all kinds, one kind after the other, taken apart.
    private static func byKind(_ answers: [RLE], objects: Int) -> [PromptKind: [RLE]] {
        Dictionary(
            uniqueKeysWithValues: PromptKind.allCases.enumerated().map { index, kind in
                (kind, Array(answers[index * objects..<(index + 1) * objects]))
            })
    }

    private func add(_ answers: [RLE], for objects: [ShardObject], to evaluation: inout Evaluation) throws {
        let summaries = try Workers.map(answers.count) { index in
            var summary = MaskSummary()
            summary.add(
                prediction: answers[index].bitmap(), truth: objects[index % objects.count].mask.bitmap(),
                comparesBoundaries: comparesBoundaries)
            return summary
        }
        for (index, summary) in summaries.enumerated() {
            evaluation.add(
                summary, kind: PromptKind.allCases[index / objects.count],
                categoryID: objects[index % objects.count].categoryID)
        }
    }
}
