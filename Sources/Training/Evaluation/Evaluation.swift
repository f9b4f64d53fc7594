package import Metrics

/// How well one answerer's masks agree with the labels of a set: a row for each object.
package struct Evaluation: Sendable, Hashable {
    /// What the answerer is called.
    package let name: String
    /// In the order of the set's records and their objects.
    package var rows: [ObjectRow] = []

    /// Images that were asked about: those with objects.
    package var imageCount = 0
    /// Time that the answers took, comparison not included, in seconds.
    package var answerSeconds = 0.0
    /// What was done otherwise than with other answerers, and why.
    package var remarks: [String] = []

    package init(name: String) { self.name = name }

    /// The most clicks that an object was given; 0 without objects.
    package var clickCount: Int { rows.map(\.clicks.count).max() ?? 0 }

    /// The ways in which objects were asked for, in the order of tables.
    package var forms: [PromptForm] {
        rows.isEmpty ? [] : [.box] + (1...max(1, clickCount)).map { PromptForm.clicks($0) }
    }

    // MARK: Summaries

    /// Objects of all classes asked for in one way.
    package func summary(_ form: PromptForm) -> MaskSummary { summary(form, of: rows) }

    /// Objects of all classes, by the kind of prompt that asked for them.
    package var overall: [PromptKind: MaskSummary] {
        guard !rows.isEmpty else { return [:] }
        return Dictionary(uniqueKeysWithValues: PromptKind.allCases.map { ($0, summary($0.form)) })
    }

    /// Objects of one class each, by category id.
    package var byClass: [PromptKind: [Int64: MaskSummary]] {
        let classes = Dictionary(grouping: rows, by: \.categoryID)
        return Dictionary(
            uniqueKeysWithValues: PromptKind.allCases.map { kind in
                (kind, classes.mapValues { summary(kind.form, of: $0) })
            })
    }

    private func summary(_ form: PromptForm, of rows: [ObjectRow]) -> MaskSummary {
        var summary = MaskSummary()
        for row in rows {
            if let scores = row[form] { summary.add(scores, area: row.area) }
        }
        return summary
    }

    /// Mean IoU over all objects, 0...1; nil without objects.
    package func meanIoU(_ kind: PromptKind) -> Double? { summary(kind.form).all.intersectionOverUnion.mean }
    /// Mean Dice coefficient over all objects, 0...1; nil without objects.
    package func meanDice(_ kind: PromptKind) -> Double? { summary(kind.form).all.dice.mean }

    /// The mean of the mean IoU with boxes and with points, by which checkpoints are compared.
    package var score: Double? {
        let means = PromptKind.allCases.compactMap(meanIoU)
        return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
    }
}
