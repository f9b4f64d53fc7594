internal import Masks
package import Runtime
package import Shards

/// Audits a set of shards: digests and checksums, images, masks, and what the manifest says of them.
package struct ShardAudit {
    /// Records that are read and checked in parallel before their findings are reported.
    private static let batchRecords = 64

    /// The set, or why it cannot be opened although it is there.
    private let shards: Result<ShardSet, ShardError>
    private let selection: RuleSelection
    private let agreement: AgreementAudit?
    private let model: ModelAudit?

    /// - Parameters:
    ///   - agreement: what the set's objects are held against; nil for nothing.
    ///   - model: likewise.
    /// - Throws: `ShardError` when there is no manifest or a shard is not there; a set that is damaged is a finding.
    package init(
        path: String, selection: RuleSelection = .everything, agreement: AgreementAudit? = nil, model: ModelAudit? = nil
    ) throws(ShardError) {
        self.selection = selection
        self.agreement = agreement
        self.model = model
        do throws(ShardError) {
            shards = .success(try ShardSet(path: path))
        } catch {
            guard error.kind == .badInput else { throw error }
            shards = .failure(error)
        }
    }

    /// Runs the audit.
    ///
    /// - Parameters:
    ///   - progress: told the number of records done, and of all.
    ///   - sink: takes each finding, in the order of the records.
    /// - Throws: `AuditInterruption` with what a comparison or `sink` throws.
    package func run(
        progress: (Int, Int) -> Void = { _, _ in }, sink: @escaping (Finding) throws -> Void
    ) throws -> AuditSummary {
        var recorder = AuditRecorder(kind: .shards, selection: selection, sink: sink)
        switch shards {
        case .failure(let error):
            recorder.summary.isComplete = false
            try recorder.record(Self.rule(of: error), at: error.location ?? DataLocation(), error.message)
        case .success(let shards):
            do {
                try audit(shards, &recorder, progress)
                try agreement?.run(&recorder, progress: progress)
                try model?.run(&recorder, progress: progress)
            } catch {
                throw AuditInterruption(recorder.summary, error)
            }
        }
        return recorder.summary
    }

    /// The rule that stands for a failure to read.
    static func rule(of error: ShardError) -> String {
        AuditRules.byID[error.codeName] == nil ? "shard.content" : error.codeName
    }

    private func audit(_ shards: ShardSet, _ recorder: inout AuditRecorder, _ progress: (Int, Int) -> Void) throws {
        recorder.summary.categories = shards.classes.count
        var imageIDs: [String: Int] = [:]
        var images: [String: Int] = [:]
        var damaged: Set<String> = []
        var boxAreas = Tally()
        for start in stride(from: 0, to: shards.count, by: Self.batchRecords) {
            let batch = start..<min(start + Self.batchRecords, shards.count)
            let checks = try Workers.map(batch.count) { RecordCheck(shards, record: batch.lowerBound + $0) }
            for (record, check) in zip(batch, checks) {
                let location = shards.location(of: record)
                for finding in check.findings { try recorder.record(finding) }
                for place in check.boxAreas { boxAreas.noteBoxArea(at: place) }
                if check.isDamaged, let path = location.path { damaged.insert(path) }
                recorder.summary.images += 1
                recorder.summary.annotations += check.objectCount
                recorder.summary.probedImages += check.isImageReadable ? 1 : 0
                if let id = check.imageID, let earlier = imageIDs.updateValue(record, forKey: id) {
                    try recorder.record(
                        "shard.duplicate-image-id", at: location, "first in \(shards.location(of: earlier))")
                } else if let digest = check.imageDigest, let earlier = images.updateValue(record, forKey: digest) {
                    try recorder.record(
                        "shard.duplicate-image", at: location, "first in \(shards.location(of: earlier))")
                }
            }
            progress(batch.upperBound, shards.count)
        }
        for finding in boxAreas.findings { try recorder.record(finding) }
        if selection.contains("shard.digest") { try checkDigests(shards, known: damaged, &recorder) }
    }

    /// - Parameter damaged: shards with a record that was reported already.
    private func checkDigests(
        _ shards: ShardSet, known damaged: Set<String>, _ recorder: inout AuditRecorder
    ) throws {
        let problems = try Workers.map(shards.manifest.shards.count) { index -> String? in
            // Without a digest in the manifest the records' own checksums are all there is to go by.
            guard let stated = shards.manifest.shards[index].sha256 else { return nil }
            do throws(ShardError) {
                let digest = try shards.digest(ofShard: index)
                return digest == stated ? nil : "the SHA-256 is \(digest), the manifest says \(stated)"
            } catch {
                return error.message
            }
        }
        for (shard, problem) in zip(shards.manifest.shards, problems) {
            let path = FileSystem.join(shards.path, shard.file)
            if let problem, !damaged.contains(path) {
                try recorder.record("shard.digest", at: DataLocation(path: path), problem)
            }
        }
    }
}
