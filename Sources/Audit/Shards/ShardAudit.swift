internal import Masks
package import Runtime
package import Shards

/// Audits a set of shards: digests and checksums, images, masks, and what the manifest says of them.
package struct ShardAudit {
    /// Records that are read and checked in parallel before their findings are reported.
    private static let batchRecords = 64

    private let shards: ShardSet
    private let selection: RuleSelection

    /// - Throws: `ShardError` when the manifest cannot be read or a shard is not there.
    package init(path: String, selection: RuleSelection = .everything) throws(ShardError) {
        shards = try ShardSet(path: path)
        self.selection = selection
    }

    /// Runs the audit.
    ///
    /// - Parameters:
    ///   - progress: told the number of records done, and of all.
    ///   - sink: takes each finding in the order of the records.
    /// - Throws: what `sink` throws.
    package func run(
        progress: (Int, Int) -> Void = { _, _ in }, sink: @escaping (Finding) throws -> Void
    ) throws -> AuditSummary {
        var recorder = AuditRecorder(kind: .shards, selection: selection, sink: sink)
        recorder.summary.categories = shards.classes.count
        if selection.contains("shard.digest") { try checkDigests(&recorder) }
        var imageIDs: [String: Int] = [:]
        var images: [String: Int] = [:]
        for start in stride(from: 0, to: shards.count, by: Self.batchRecords) {
            let batch = start..<min(start + Self.batchRecords, shards.count)
            let checks = try Workers.map(batch.count) { RecordCheck(shards, record: batch.lowerBound + $0) }
            for (record, check) in zip(batch, checks) {
                for finding in check.findings { try recorder.record(finding) }
                recorder.summary.images += 1
                recorder.summary.annotations += check.objectCount
                recorder.summary.probedImages += check.isImageReadable ? 1 : 0
                if let id = check.imageID, let earlier = imageIDs.updateValue(record, forKey: id) {
                    try recorder.record(
                        "shard.duplicate-image-id", at: shards.location(of: record),
                        "the record before is \(shards.location(of: earlier))")
                }
                if let digest = check.imageDigest, let earlier = images.updateValue(record, forKey: digest) {
                    try recorder.record(
                        "shard.duplicate-image", at: shards.location(of: record),
                        "the record before is \(shards.location(of: earlier))")
                }
            }
            progress(batch.upperBound, shards.count)
        }
        return recorder.summary
    }

    private func checkDigests(_ recorder: inout AuditRecorder) throws {
        for (shard, problem) in zip(
            shards.manifest.shards, try Workers.map(shards.manifest.shards.count) { digestProblem($0) })
        {
            guard let problem else { continue }
            try recorder.record(
                "shard.digest", at: DataLocation(path: FileSystem.join(shards.path, shard.file)), problem)
        }
    }

    private func digestProblem(_ index: Int) -> String? {
        let shard = shards.manifest.shards[index]
        do {
            let digest = try MappedFile(path: FileSystem.join(shards.path, shard.file)).withBytes {
                SHA256Digest.hex($0)
            }
            return digest == shard.sha256 ? nil : "the SHA-256 is \(digest), the manifest says \(shard.sha256)"
        } catch {
            return error.message
        }
    }
}
