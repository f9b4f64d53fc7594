internal import Annotations
private import Foundation
private import JSONText
internal import Runtime
internal import Shards

/// What a conversion that has not ended has finished so far: a hidden folder in the output, one file a shard, gone when
/// the manifests are written.
///
/// The folder's name is a digest of all that the shards' bytes depend on, so that a conversion is only ever resumed with
/// the same input and options.
struct ConversionJournal: Sendable {
    static let prefix = FolderWalk.unfinishedPrefix

    private let path: String

    init(output: String, fingerprint: String) {
        path = FileSystem.join(output, Self.prefix + fingerprint.prefix(16))
    }

    /// The digest of what the output depends on.
    static func fingerprint(_ record: ConversionRecord, plan: ConversionPlan) -> String {
        let digest = SHA256Stream()
        func add(_ text: String) { Array((text + "\n").utf8).withUnsafeBytes { digest.update($0) } }
        add("records \(ShardSample.schemaVersion) with members, manifest \(ShardManifest.schemaVersion)")
        add(record.command)
        add(record.source.sha256)
        for input in record.inputs { add(input.sha256) }
        for (image, file) in zip(plan.labels.images, plan.layout.files) {
            add("\(file.bytes ?? -1) \(file.modified) \(image.fileName)")
        }
        return digest.finish()
    }

    /// The journals in an output directory.
    static func names(in output: String) throws -> [String] {
        FileSystem.exists(output) ? try FileSystem.list(output).filter { $0.hasPrefix(prefix) } : []
    }

    var exists: Bool { FileSystem.isDirectory(path) }

    func begin() throws { try FileSystem.createDirectory(path) }

    /// Notes that a shard and its index are in place.
    func store(
        _ shard: ShardManifest.Shard, findings: [FindingCount], stages: [ShardManifest.StageCount]
    ) throws {
        var entry = ShardManifest(name: "", classes: [], shards: [shard], findings: findings)
        entry.stages = stages
        try AtomicFileWriter.write(entry.text, to: file(of: shard.file))
    }

    /// A shard that was finished and is still there byte for byte.
    func finished(_ name: ShardFileName, in directory: String) -> Finished? {
        // Whatever is wrong with the journal or the shard, the answer is to write the shard again.
        guard let entry = try? ShardManifest(path: file(of: name.file)), let shard = entry.shards.first,
            shard.file == name.file, (try? Self.verify(shard, in: directory)) == true
        else { return nil }
        return Finished(shard: shard, findings: entry.findings, stages: entry.stages)
    }

    /// A shard that was finished before, what was found in it, and what its stages took in and let out.
    struct Finished {
        let shard: ShardManifest.Shard
        let findings: [FindingCount]
        let stages: [ShardManifest.StageCount]
    }

    /// Notes that a batch of images is in place; files are durable before this says so.
    func store(_ batch: ExportBatch) throws {
        for (number, part) in batch.parts.enumerated() {
            var entry = ShardManifest(name: "", classes: [], shards: [], findings: part.findings)
            entry.stages = part.stages
            try AtomicFileWriter.write(entry.text, to: file(ofBatch: batch.images.lowerBound, part: number))
        }
        try AtomicFileWriter.write(batch.json.text(), to: file(ofBatch: batch.images.lowerBound))
    }

    /// The batches from the first image on whose files are all there as they were written.
    ///
    /// - Parameters:
    ///   - directories: of the parts.
    ///   - limit: number of the set's images.
    ///   - stageCount: number of the stages.
    func batches(in directories: [String], limit: Int, stageCount: Int) -> [ExportBatch] {
        var batches: [ExportBatch] = []
        var next = 0
        while next < limit {
            // Whatever is wrong with the journal or a file, the answer is to write from there on.
            guard
                let document = try? JSONDocument.read(path: file(ofBatch: next), maximumBytes: Self.maximumBatchBytes),
                var batch = ExportBatch(json: document), batch.images.lowerBound == next,
                batch.images.upperBound <= limit, batch.parts.count == directories.count
            else { break }
            for number in batch.parts.indices {
                guard let entry = try? ShardManifest(path: file(ofBatch: next, part: number)),
                    entry.stages.isEmpty || entry.stages.count == stageCount
                else { return verified(batches, in: directories) }
                batch.parts[number].ledger.add(entry.findings)
                batch.parts[number].stages = entry.stages
            }
            batches.append(batch)
            next = batch.images.upperBound
        }
        return verified(batches, in: directories)
    }

    /// The leading batches whose files are there.
    private func verified(_ batches: [ExportBatch], in directories: [String]) -> [ExportBatch] {
        let areThere = (try? Workers.map(batches.count) { batches[$0].isThere(in: directories) }) ?? []
        return Array(batches.prefix(areThere.prefix { $0 }.count))
    }

    /// Batches of more bytes are written again.
    private static let maximumBatchBytes = 64 << 20

    private func file(ofBatch first: Int, part: Int? = nil) -> String {
        FileSystem.join(path, "images-\(first)" + (part.map { "-\($0)" } ?? "") + ".json")
    }

    /// Whether a shard is there byte for byte, with an index that fits.
    static func verify(_ shard: ShardManifest.Shard, in directory: String) throws -> Bool {
        guard let name = ShardFileName(shard.file) else { return false }
        let file = try RecordFile(
            path: FileSystem.join(directory, name.file), indexPath: FileSystem.join(directory, name.indexFile))
        return try file.byteCount == shard.bytes && file.count == shard.records.count && file.digest() == shard.sha256
    }

    func remove() throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw PipelineError(
                .write, "cannot be removed: \(error.localizedDescription)", location: DataLocation(path: path))
        }
    }

    private func file(of shard: String) -> String { FileSystem.join(path, shard + ".json") }
}
