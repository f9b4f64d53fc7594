private import Metrics
package import Shards

/// Which objects the report shows: where the model is worst and where it is best.
package struct ReportCases: Sendable {
    /// Worst first.
    package private(set) var worst: [ReportCase] = []
    /// Best first.
    package private(set) var best: [ReportCase] = []

    /// Objects of each kind that are shown.
    private static let count = (worst: 6, best: 3)
    /// All pictures together stay below this, so that the page does.
    private static let maximumBytes = 1_600_000

    /// - Parameter set: that was evaluated.
    /// - Throws: what reading records throws.
    package init(_ comparison: RunComparison, set: ShardSet) throws {
        let after = comparison.after.evaluation.rows
        let before = comparison.before?.evaluation.rows
        let kinds = PromptKind.allCases
        var bytes = 0
        func drawn(_ number: Int, _ kind: PromptKind) throws -> ReportCase? {
            guard set.count > after[number].record else { return nil }
            guard
                let one = try ReportCase(
                    after[number], before: before?[number], kind: kind, in: try set.sample(at: after[number].record)),
                bytes + one.picture.count <= Self.maximumBytes
            else { return nil }
            bytes += one.picture.count
            return one
        }
        for kind in kinds {
            let order = after.indices.sorted { first, second in
                let (a, b) = (Self.iou(after[first], kind), Self.iou(after[second], kind))
                return a == b ? first < second : a < b
            }
            worst += try order.prefix(Self.count.worst / kinds.count).compactMap { try drawn($0, kind) }
            // What is among the worst is not among the best, however few objects there are.
            let rest = order.dropFirst(Self.count.worst / kinds.count)
            if kind == .box { best += try rest.suffix(Self.count.best).reversed().compactMap { try drawn($0, kind) } }
        }
    }

    private static func iou(_ row: ObjectRow, _ kind: PromptKind) -> Double {
        row[kind.form]?.intersectionOverUnion ?? 0
    }
}
