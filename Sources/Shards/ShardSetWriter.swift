private import Runtime

/// Writes a whole set of shards from samples that are at hand.
package enum ShardSetWriter {
    /// Writes `count` shards of nearly equal numbers of records, their indexes and the manifest.
    ///
    /// Records are encoded in parallel; the bytes are the same for any number of threads.
    ///
    /// - Parameters:
    ///   - samples: in the order of the records.
    ///   - manifest: everything but the shards, which are replaced by those written.
    ///   - count: number of shards, at least 1.
    ///   - directory: made if need be.
    /// - Returns: the manifest as written.
    @discardableResult
    package static func write(
        _ samples: [ShardSample], manifest: ShardManifest, shards count: Int = 1, to directory: String
    ) throws(ShardError) -> ShardManifest {
        precondition(count >= 1, "\(count) shards")
        do throws(FileError) {
            try FileSystem.createDirectory(directory)
        } catch {
            throw ShardError(error)
        }
        var manifest = manifest
        manifest.shards = []
        for shard in 0..<count {
            let writer = try ShardWriter(
                directory: directory, name: ShardFileName(name: manifest.name, index: shard, count: count))
            let range = samples.count * shard / count..<samples.count * (shard + 1) / count
            // A window at a time, so that a large set does not stand in memory twice.
            for start in stride(from: range.lowerBound, to: range.upperBound, by: window) {
                try writer.append(contentsOf: encode(samples[start..<min(start + window, range.upperBound)]))
            }
            manifest.shards.append(try writer.finish())
        }
        try manifest.write(to: directory)
        return manifest
    }

    private static let window = 64

    private static func encode(_ samples: ArraySlice<ShardSample>) -> [EncodedRecord] {
        let first = samples.startIndex
        do {
            return try Workers.map(samples.count) { EncodedRecord(samples[first + $0]) }
        } catch {
            preconditionFailure("encoding does not throw: \(error)")
        }
    }
}
