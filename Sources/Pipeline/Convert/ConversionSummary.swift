package import Runtime
package import Shards

/// What a conversion has done.
package struct ConversionSummary: Sendable {
    /// One set of shards that was written.
    package struct Part: Sendable {
        package let name: String
        package let directory: String
        package let manifest: ShardManifest
    }

    package var parts: [Part]
    /// Images that the labels list, those dropped while reading them included.
    package var listedImages: Int
    /// What was found, by rule.
    package var counts: [FindingCount]
    /// Some findings of each rule.
    package var examples: [Finding]
    /// Shards that an interrupted conversion had finished.
    package var resumedShards: Int

    package var images: Int { parts.reduce(0) { $0 + $1.manifest.recordCount } }
    package var objects: Int { parts.reduce(0) { $0 + $1.manifest.objectCount } }
    package var bytes: Int { parts.reduce(0) { $0 + $1.manifest.byteCount } }
    package var shards: Int { parts.reduce(0) { $0 + $1.manifest.shards.count } }
    package var droppedImages: Int { dropped(.image) }
    package var droppedAnnotations: Int { dropped(.annotation) }
    /// Whether anything was left out.
    package var hasDrops: Bool { counts.contains(where: \.isDrop) }

    private func dropped(_ subject: FindingCount.Subject) -> Int {
        counts.reduce(0) { $0 + ($1.isDrop && $1.subject == subject ? $1.count : 0) }
    }
}
