package import Metrics

/// A model's evaluation, alone or beside that of the model it came from, with intervals for every figure.
///
/// Intervals are of the cluster bootstrap over images; differences are paired by object.
package struct EvaluationComparison: Sendable, Hashable {
    /// The figures of some objects, asked for in one way.
    package struct Line: Sendable, Hashable {
        package let form: PromptForm
        package let part: EvaluationPart
        /// Number of objects, and of images with one of them.
        package let objects: Int
        package let images: Int
        package let changes: [MaskMetric: MetricChange]
        /// Objects whose mask was empty, which have no HD95, before and after.
        package let emptyBefore: Int?
        package let emptyAfter: Int
    }

    /// How many clicks it takes to reach an IoU.
    package struct ClickLine: Sendable, Hashable {
        /// The IoU to reach, 0...1.
        package let threshold: Double
        /// Mean number of clicks; an object that never reaches it counts the most that were given.
        package let clicks: MetricChange
        /// Objects that never reach it.
        package let failuresBefore: Int?
        package let failuresAfter: Int
    }

    package let before: Evaluation?
    package let after: Evaluation
    package let bootstrap: ClusterBootstrap
    /// All objects in all forms, then the size classes, then the categories with boxes, one point and the most clicks.
    package let lines: [Line]
    /// Empty where one click was the most.
    package let clickLines: [ClickLine]

    package static let clickThresholds = [0.8, 0.85, 0.9]

    /// - Parameters:
    ///   - after: with at least one object.
    ///   - before: of the same objects in the same order, or nil.
    ///   - classes: ids and names of categories, in the order of tables.
    /// - Throws: `TrainingError.data` when the two are not about the same objects.
    package init(
        _ after: Evaluation, before: Evaluation?, classes: [(id: Int64, name: String)],
        bootstrap: ClusterBootstrap = ClusterBootstrap()
    ) throws(TrainingError) {
        if let before { try Self.demandSameObjects(before, after) }
        self.before = before
        self.after = after
        self.bootstrap = bootstrap
        let rows = ComparedRows(before: before?.rows, after: after.rows, bootstrap: bootstrap)
        let most = PromptForm.clicks(after.clickCount)
        let forms: [PromptForm] = [.box, .clicks(1)] + (after.clickCount > 1 ? [most] : [])
        var lines = after.forms.compactMap { rows.line($0, .all) }
        for form in forms { lines += SizeBin.allCases.compactMap { rows.line(form, .size($0)) } }
        // The only class is all.
        if classes.count > 1 {
            for form in forms {
                lines += classes.compactMap { rows.line(form, .category(id: $0.id, name: $0.name)) }
            }
        }
        self.lines = lines
        clickLines =
            after.clickCount > 1
            ? Self.clickThresholds.map { rows.clickLine(toReach: $0, most: after.clickCount) } : []
    }

    /// The line of a form and a part; nil where there is no such object.
    package func line(_ form: PromptForm, _ part: EvaluationPart = .all) -> Line? {
        lines.first { $0.form == form && $0.part == part }
    }

    private static func demandSameObjects(_ before: Evaluation, _ after: Evaluation) throws(TrainingError) {
        let isSame =
            before.rows.count == after.rows.count && before.clickCount == after.clickCount
            && zip(before.rows, after.rows).allSatisfy {
                $0.imageID == $1.imageID && $0.annotationID == $1.annotationID && $0.clicks.count == $1.clicks.count
            }
        guard isSame else {
            throw TrainingError(
                .data,
                "two evaluations of \(before.rows.count) and \(after.rows.count) objects are not about the same ones, asked for in the same ways"
            )
        }
    }
}
