package import Metrics

/// How well one answerer's masks agree with the labels of a set.
package struct Evaluation: Sendable, Hashable {
    /// What the answerer is called.
    package let name: String
    /// Objects of all classes, by the kind of prompt that asked for them.
    package var overall: [PromptKind: MaskSummary] = [:]
    /// Objects of one class each, by category id.
    package var byClass: [PromptKind: [Int64: MaskSummary]] = [:]

    /// Images that were asked about: those with objects.
    package var imageCount = 0
    /// Time that the answers took, comparison not included, in seconds.
    package var answerSeconds = 0.0

    package init(name: String) { self.name = name }

    /// Mean IoU over all objects, 0...1; nil without objects.
    package func meanIoU(_ kind: PromptKind) -> Double? { overall[kind]?.all.intersectionOverUnion.mean }
    /// Mean Dice coefficient over all objects, 0...1; nil without objects.
    package func meanDice(_ kind: PromptKind) -> Double? { overall[kind]?.all.dice.mean }

    /// The mean of the mean IoU with boxes and with points, by which checkpoints are compared.
    package var score: Double? {
        let means = PromptKind.allCases.compactMap(meanIoU)
        return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
    }

    /// Adds one object's comparison, the same for every grouping.
    mutating func add(_ summary: MaskSummary, kind: PromptKind, categoryID: Int64) {
        overall[kind, default: MaskSummary()].merge(summary)
        byClass[kind, default: [:]][categoryID, default: MaskSummary()].merge(summary)
    }
}
