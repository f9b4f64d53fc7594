private import Runtime
internal import Shards
internal import Training

/// The page that `samdata evaluate --report` writes.
struct EvaluationPage {
    let shards: String
    let weights: String
    let before: String?
    let modelName: String

    /// - Parameters:
    ///   - comparison: of the model in question, with masks in its rows.
    ///   - set: that was evaluated.
    /// - Throws: what reading records and writing the file throws.
    func write(_ comparison: RunComparison, of set: ShardSet, to path: String) throws {
        let evaluation = comparison.after.evaluation
        var content = ReportContent(title: "\(weights) on \(shards)")
        content.facts = [
            ReportContent.Fact("model", modelName), ReportContent.Fact("weights", weights),
            ReportContent.Fact("compared with", before ?? "nothing"),
            ReportContent.Fact(
                "evaluated on", "\(evaluation.imageCount) images with \(evaluation.rows.count) objects of \(shards)"),
            ReportContent.Fact("memory", "\(ByteSize(bytes: ResourceUsage.peakMemoryBytes)) at most"),
        ]
        content.comparison = comparison
        content.remarks = comparison.remarks
        content.cases = try ReportCases(comparison, set: set)
        try AtomicFileWriter.write(ReportPage(content).html, to: path)
    }
}
