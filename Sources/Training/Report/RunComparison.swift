private import Foundation
package import JSONText
package import Metrics
package import Shards

/// A model beside the one that it came from: figures, what they cost, and what there is to warn of.
package struct RunComparison: Sendable {
    /// nil where nothing is known of the model before.
    package let before: EvaluationRecord?
    package let after: EvaluationRecord
    package let figures: EvaluationComparison
    /// What was looked at.
    package let subset: EvaluationSubset
    /// What is wrong with the images that both were evaluated on, first of all warnings.
    package var reservations: [String] = []

    /// - Parameter set: that both were evaluated on.
    /// - Throws: `TrainingError.data` when the two are not about the same objects.
    package init(
        before: EvaluationRecord?, after: EvaluationRecord, set: ShardSet, subset: EvaluationSubset,
        bootstrap: ClusterBootstrap = ClusterBootstrap()
    ) throws(TrainingError) {
        var before = before
        if let earlier = before?.automatic, let later = after.automatic, earlier.skipped == nil, later.skipped == nil {
            // A run that goes on may be told to look at more images: what both looked at alone is compared.
            if (earlier.images, earlier.objects) != (later.images, later.objects) { before?.automatic = nil }
        }
        self.before = before
        self.after = after
        self.subset = subset
        figures = try EvaluationComparison(
            after.evaluation, before: before?.evaluation, classes: set.classes.map { ($0.categoryID, $0.name) },
            bootstrap: bootstrap)
    }

    /// What makes the figures less than they seem, and what tuning made worse.
    package var warnings: [String] {
        reservations + figures.losses + [after.automatic?.warning(before: before?.automatic)].compactMap { $0 }
    }

    /// What a reader should know of how the figures came about.
    package var remarks: [String] {
        var remarks = after.evaluation.remarks
        if !subset.isWhole {
            remarks.append(
                "of \(subset.recordCount) images with objects, \(after.evaluation.imageCount) with "
                    + "\(after.evaluation.rows.count) objects were looked at, evenly spread")
        }
        remarks += clickRemark + lesserRemark
        let images = Set(after.evaluation.rows.map(\.record)).count
        if images == 1 {
            remarks.append("of a single image there are no intervals: nothing tells a change from chance")
        } else if images < 10 {
            remarks.append("\(images) images are few: intervals are rough, and tend to be too narrow")
        }
        if let earlier = before?.automatic, let later = after.automatic, earlier.skipped == nil, later.skipped == nil,
            earlier.findsNothing && later.findsNothing && later.objects > 0
        {
            remarks.append("automatic masks find (nearly) none of the objects, neither before nor after training")
        }
        if let skipped = after.automatic?.skipped { remarks.append("automatic masks were not tried: \(skipped)") }
        return remarks
    }

    /// Mean IoU that corrections have to cost before it is told.
    private static let clickLoss = 0.02

    /// Says that clicks that correct a mask make it worse, as they do of a model that has seen single prompts alone.
    private var clickRemark: [String] {
        func mean(_ clicks: Int) -> Double? {
            figures.line(.clicks(clicks))?.changes[.intersectionOverUnion]?.after?.mean
        }
        let most = after.evaluation.clickCount
        guard most > 1, let first = mean(1), let last = mean(most), last < first - Self.clickLoss else { return [] }
        return [
            "clicks that correct a mask make it worse: mean IoU \(Self.rounded(first)) with one, \(Self.rounded(last)) with "
                + "\(most); what teaches them are the prompts micro-sam and interactive, with enough steps, and not single"
        ]
    }

    /// Losses that are told, of those that are no warnings.
    private static let lesserLosses = 4

    /// Says what is worse in the tables beside the warnings.
    private var lesserRemark: [String] {
        let losses = figures.lesserLosses
        if losses.isEmpty { return [] }
        let others = losses.count - Self.lesserLosses
        return [
            "worse in the tables, and no warning: "
                + losses.prefix(Self.lesserLosses).joined(separator: "; ")
                + (others > 0 ? "; and \(others) more in the tables of the report" : "")
        ]
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.3f", value) }

    /// All of it but the rows, for those who read it by machine.
    package var json: JSONValue {
        .object([
            "figures": figures.json, "warnings": .array(warnings.map { .string($0) }),
            "remarks": .array(remarks.map { .string($0) }),
            "automatic_before": before?.automatic?.json ?? .null, "automatic_after": after.automatic?.json ?? .null,
            "latency": after.latency?.json ?? .null, "latency_before": before?.latency?.json ?? .null,
        ])
    }
}
