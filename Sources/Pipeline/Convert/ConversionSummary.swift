package import Annotations
package import Runtime
package import Shards

/// What a conversion has done.
package struct ConversionSummary: Sendable {
    /// One set that was written.
    package struct Part: Sendable {
        package let name: String
        package let directory: String
        package let images: Int
        package let objects: Int
        /// Of shards; nil where another format was written.
        package let shardManifest: ShardManifest?
        /// What each stage took in and let out.
        package let stages: [ShardManifest.StageCount]

        init(name: String, directory: String, manifest: ShardManifest) {
            self.init(
                name: name, directory: directory, images: manifest.recordCount, objects: manifest.objectCount,
                stages: manifest.stages, manifest: manifest)
        }

        init(
            name: String, directory: String, images: Int, objects: Int, stages: [ShardManifest.StageCount],
            manifest: ShardManifest? = nil
        ) {
            self.name = name
            self.directory = directory
            self.images = images
            self.objects = objects
            self.stages = stages
            shardManifest = manifest
        }

        /// The manifest of a set of shards.
        package var manifest: ShardManifest {
            guard let shardManifest else { preconditionFailure("the set \(name) is not one of shards") }
            return shardManifest
        }
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
    /// Images that an interrupted conversion to another format had written.
    package var resumedImages = 0
    /// What the target's format could not hold, by kind.
    package var losses: [ObjectLoss.Kind: Int] = [:]

    package var images: Int { parts.reduce(0) { $0 + $1.images } }
    package var objects: Int { parts.reduce(0) { $0 + $1.objects } }
    package var bytes: Int { parts.reduce(0) { $0 + ($1.shardManifest?.byteCount ?? 0) } }
    package var shards: Int { parts.reduce(0) { $0 + ($1.shardManifest?.shards.count ?? 0) } }
    package var droppedImages: Int { counts.dropped(.image) }
    package var droppedAnnotations: Int { counts.dropped(.annotation) }
    /// Files of which a part is lost, with an unknown number of images in it.
    package var cutFiles: Int { counts.dropped(.file) }
    /// Whether anything was left out because it is wrong.
    package var hasDrops: Bool { counts.hasDrops }
    /// What each stage took in and let out, over all parts.
    package var stages: [ShardManifest.StageCount] { parts.reduce(into: []) { $0.add($1.stages) } }
}
