package import Shards

/// What a conversion would do: the outcome of `--dry-run`.
package struct ConversionPlanSummary: Sendable {
    package let command: String
    package let target: String
    package let listedImages: Int
    package let stages: [StagePlan]
    /// What each stage will take in and let out.
    package let counts: [ShardManifest.StageCount]
    package let forecast: ConversionForecast
    /// What was found, and would be dropped.
    package let ledger: FindingLedger
    /// Number of shards; nil for labels.
    package let shards: Int?
}

/// One stage of a plan.
package struct StagePlan: Sendable, Hashable {
    package let name: String
    /// Its settings in words.
    package let summary: String
}
