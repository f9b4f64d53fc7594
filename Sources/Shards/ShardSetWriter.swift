private import Runtime
private import Synchronization

/// Writes a whole set of shards from samples that are at hand.
package enum ShardSetWriter {
    /// Writes `count` shards of nearly equal numbers of records, their indexes and the manifest.
    ///
    /// Each thread writes shards of its own; where there are fewer shards than threads, records are encoded while others
    /// are written. The bytes are the same for any number of threads.
    ///
    /// - Parameters:
    ///   - samples: in the order of the records.
    ///   - manifest: everything but the shards, which are replaced by those written.
    ///   - count: number of shards, at least 1.
    ///   - makesDigests: as of ``ShardWriter``.
    ///   - directory: made if need be.
    /// - Returns: the manifest as written.
    /// - Throws: `ShardError.write`; of several shards' errors that of the first.
    @discardableResult
    package static func write(
        _ samples: [ShardSample], manifest: ShardManifest, shards count: Int = 1, makesDigests: Bool = true,
        to directory: String
    ) throws(ShardError) -> ShardManifest {
        precondition(count >= 1, "\(count) shards")
        do throws(FileError) {
            try FileSystem.createDirectory(directory)
        } catch {
            throw ShardError(error)
        }
        var manifest = manifest
        let name = manifest.name
        @Sendable func shard(_ index: Int) throws(ShardError) -> ShardManifest.Shard {
            let writer = try ShardWriter(
                directory: directory, name: ShardFileName(name: name, index: index, count: count),
                makesDigest: makesDigests)
            try append(samples[samples.count * index / count..<samples.count * (index + 1) / count], to: writer)
            return try writer.finish()
        }
        // As many as make whole rounds have a thread each, the others all threads one after the other.
        let alone = count - count % Workers.count
        do {
            manifest.shards = try Workers.map(alone) { try shard($0) }
            for index in alone..<count { manifest.shards.append(try shard(index)) }
        } catch let error as ShardError {
            throw error
        } catch {
            preconditionFailure("writing a shard throws ShardError only: \(error)")
        }
        try manifest.write(to: directory)
        return manifest
    }

    /// Records that are encoded at once, so that a large set does not stand in memory twice.
    private static let window = 32

    private static func append(_ samples: ArraySlice<ShardSample>, to writer: ShardWriter) throws(ShardError) {
        var records: [EncodedRecord] = []
        // One step more than there are windows: each writes what the one before encoded.
        for start in stride(from: samples.startIndex, to: samples.endIndex + window, by: window) {
            let coming = min(start, samples.endIndex)..<min(start + window, samples.endIndex)
            let encoded = Mutex([EncodedRecord?](repeating: nil, count: coming.count))
            try writer.append(contentsOf: records, meanwhile: coming.count) { item in
                let record = EncodedRecord(samples[coming.lowerBound + item])
                encoded.withLock { $0[item] = record }
            }
            records = encoded.withLock { $0 }.compactMap { $0 }
        }
    }
}
