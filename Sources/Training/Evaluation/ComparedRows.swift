internal import Metrics

/// The rows of two evaluations side by side, and the lines of tables that are made of them.
struct ComparedRows {
    let before: [ObjectRow]?
    let after: [ObjectRow]
    let bootstrap: ClusterBootstrap

    /// The figures of the objects of a part, asked for in one form; nil where there is none.
    func line(_ form: PromptForm, _ part: EvaluationPart) -> EvaluationComparison.Line? {
        let chosen = after.indices.filter { part.contains(after[$0]) && after[$0][form] != nil }
        if chosen.isEmpty { return nil }
        let clusters = chosen.map { after[$0].record }
        let metrics = MaskMetric.allCases
        let changes = changes(
            metrics.map { metric in
                (
                    before: before.map { rows in chosen.map { rows[$0][form]?[metric] } },
                    after: chosen.map { after[$0][form]?[metric] }
                )
            }, clusters: clusters)
        func emptyCount(_ rows: [ObjectRow]) -> Int {
            chosen.count {
                rows[$0][form]?.hausdorff95 == nil && rows[$0][form]?.boundaryIntersectionOverUnion != nil
            }
        }
        return EvaluationComparison.Line(
            form: form, part: part, objects: chosen.count, images: Set(clusters).count,
            changes: Dictionary(uniqueKeysWithValues: zip(metrics, changes)),
            emptyBefore: before.map(emptyCount), emptyAfter: emptyCount(after))
    }

    /// How many clicks it takes to reach an IoU.
    func clickLine(toReach threshold: Double, most: Int) -> EvaluationComparison.ClickLine {
        func clicks(_ rows: [ObjectRow]) -> [Double?] { rows.map { Double($0.clicks(toReach: threshold) ?? most) } }
        func failures(_ rows: [ObjectRow]) -> Int { rows.count { $0.clicks(toReach: threshold) == nil } }
        let change = changes([(before: before.map(clicks), after: clicks(after))], clusters: after.map(\.record))[0]
        return EvaluationComparison.ClickLine(
            threshold: threshold, clicks: change, failuresBefore: before.map(failures),
            failuresAfter: failures(after))
    }

    /// The intervals of several columns, all from the same resamples.
    private func changes(
        _ columns: [(before: [Double?]?, after: [Double?])], clusters: [Int]
    ) -> [MetricChange] {
        var values = columns.map(\.after)
        for column in columns {
            guard let before = column.before else { continue }
            values.append(before)
            values.append(zip(column.after, before).map(difference))
        }
        let intervals = bootstrap.intervals(of: values, clusters: clusters)
        return columns.indices.map { index in
            let first = columns.count + 2 * index
            let isCompared = columns[index].before != nil
            return MetricChange(
                before: isCompared ? intervals[first] : nil, after: intervals[index],
                difference: isCompared ? intervals[first + 1] : nil)
        }
    }

    private func difference(_ after: Double?, _ before: Double?) -> Double? {
        guard let after, let before else { return nil }
        return after - before
    }
}
