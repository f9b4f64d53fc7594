package import Runtime

/// A set of shards, opened for reading: any record by its number, checksums verified at every read.
///
/// Reading is safe from any number of threads.
package final class ShardSet: Sendable {
    /// The directory of the set, or its address.
    package let path: String
    package let manifest: ShardManifest
    /// Number of records in all shards.
    package let count: Int
    let files: [RecordFile]
    /// The number of each shard's first record.
    private let firstRecords: [Int]
    private let classIndexes: [Int64: Int]

    /// - Parameters:
    ///   - path: the directory of a set, or its `manifest.json`; on this machine, or `http://HOST/FOLDER/`.
    ///   - reading: how shards on a web server are read.
    ///   - toleratesDamage: open a set with damaged shards as well; records that are not there fail when they are read.
    /// - Throws: `ShardError.missing` when there is no manifest or a shard is not there, `.manifest` when the manifest
    ///   is not valid or does not fit its shards, `.remote` when a server does not answer, and what ``RecordFile`` throws.
    package init(
        path: String, reading: RemoteReading = RemoteReading(), toleratesDamage: Bool = false
    ) throws(ShardError) {
        if Self.isRemote(path) {
            let remote = try RemoteSet(address: path, reading: reading, toleratesDamage: toleratesDamage)
            (self.path, manifest, files) = (remote.path, remote.manifest, remote.files)
        } else {
            let manifestPath = try Self.manifestPath(path)
            let directory = String(manifestPath.dropLast(ShardManifest.fileName.count))
            manifest = try ShardManifest(path: manifestPath)
            var files: [RecordFile] = []
            for shard in manifest.shards {
                files.append(try Self.open(shard, in: directory, toleratesDamage: toleratesDamage))
            }
            self.path = directory.isEmpty ? "." : directory
            self.files = files
        }
        var firstRecords: [Int] = []
        var count = 0
        for file in files {
            firstRecords.append(count)
            count += file.count
        }
        self.count = count
        self.firstRecords = firstRecords
        classIndexes = Dictionary(
            manifest.classes.enumerated().map { ($1.categoryID, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a path is meant as an address on the web.
    package static func isRemote(_ path: String) -> Bool { HTTPAddress.isMeant(by: path) }

    /// Whether the shards are on a web server.
    package var isRemote: Bool { Self.isRemote(path) }

    /// The numbers of each shard's records.
    package var shardRanges: [Range<Int>] {
        zip(firstRecords, files).map { $0..<$0 + $1.count }
    }

    /// What is wrong with shards that were opened although they are damaged.
    package var damages: [ShardError] { files.compactMap(\.damage) }

    /// The classes by dense index.
    package var classes: [ShardClass] { manifest.classes }

    /// The dense index of a class.
    package func classIndex(of categoryID: Int64) -> Int? { classIndexes[categoryID] }

    /// The sample with number `index`, which counts through the shards in their order.
    ///
    /// - Parameter access: in what order records are read.
    /// - Throws: `ShardError` with file, record and offset.
    package func sample(
        at index: Int, access: RecordAccess = .scattered
    ) throws(ShardError) -> ShardSample {
        let place = place(of: index)
        return try files[place.shard].sample(at: place.record, access: access)
    }

    /// Runs `body` on a record with its framing, whose payload has not been verified: see ``RecordFraming/payload(of:)``.
    package func withFrame<Result>(
        at index: Int, access: RecordAccess = .scattered,
        _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        let place = place(of: index)
        return try files[place.shard].withFrame(at: place.record, access: access, body)
    }

    /// The SHA-256 of a shard's whole file.
    package func digest(ofShard shard: Int) throws(ShardError) -> String { try files[shard].digest() }

    /// Tells the disk that records will be read soon.
    ///
    /// - Parameter indices: numbers of records in any order; from each shard, all between the first and the last are meant.
    package func willRead(_ indices: some Sequence<Int>) {
        if isRemote { return }
        var spans: [Int: ClosedRange<Int>] = [:]
        for index in indices {
            let place = place(of: index)
            let span = spans[place.shard] ?? place.record...place.record
            spans[place.shard] = min(span.lowerBound, place.record)...max(span.upperBound, place.record)
        }
        for (shard, span) in spans {
            let file = files[shard]
            guard let first = file.place(of: span.lowerBound) else { continue }
            let last = file.place(of: span.upperBound)
            file.storage.willRead(first.lowerBound..<(last?.upperBound ?? file.byteCount))
        }
    }

    /// The Example behind a sample, whether samdata wrote it or not.
    package func example(at index: Int) throws(ShardError) -> Example {
        let place = place(of: index)
        return try files[place.shard].example(at: place.record)
    }

    /// Where a record is: file, record within it, and offset of its frame.
    package func location(of index: Int) -> DataLocation {
        let place = place(of: index)
        let file = files[place.shard]
        return DataLocation(
            path: file.path, byteOffset: file.place(of: place.record)?.lowerBound, record: place.record,
            imageID: manifest.shards[place.shard].records[place.record].imageID)
    }

    /// What the manifest says of a record.
    package func entry(at index: Int) -> ShardManifest.Record {
        let place = place(of: index)
        return manifest.shards[place.shard].records[place.record]
    }

    func place(of index: Int) -> (shard: Int, record: Int) {
        precondition((0..<count).contains(index), "sample \(index) of \(count)")
        var low = 0
        var high = firstRecords.count - 1
        // The last shard that starts at or before the record; empty shards before it start there as well.
        while low < high {
            let middle = (low + high + 1) / 2
            if firstRecords[middle] <= index { low = middle } else { high = middle - 1 }
        }
        return (low, index - firstRecords[low])
    }

    private static func manifestPath(_ path: String) throws(ShardError) -> String {
        if FileSystem.isDirectory(path) {
            let manifest = FileSystem.join(path, ShardManifest.fileName)
            guard FileSystem.exists(manifest) else {
                let parts = ((try? FileSystem.list(path)) ?? []).filter {
                    FileSystem.exists(FileSystem.join(FileSystem.join(path, $0), ShardManifest.fileName))
                }
                let hint =
                    parts.isEmpty ? "" : "; its folders \(parts.joined(separator: ", ")) are sets of shards"
                throw ShardError(
                    .missing, "no \(ShardManifest.fileName) in this directory\(hint)",
                    location: DataLocation(path: path))
            }
            return manifest
        }
        guard FileSystem.exists(path) else {
            throw ShardError(.missing, "no such directory", location: DataLocation(path: path))
        }
        guard FileSystem.lastComponent(path) == ShardManifest.fileName else {
            throw ShardError(
                .missing, "a set of shards is opened by its directory or its \(ShardManifest.fileName)",
                location: DataLocation(path: path))
        }
        return path
    }

    private static func open(
        _ shard: ShardManifest.Shard, in directory: String, toleratesDamage: Bool
    ) throws(ShardError) -> RecordFile {
        let path = FileSystem.join(directory, shard.file)
        let beside = path.hasSuffix(".tfrecord") ? path.dropLast(".tfrecord".count) + RecordIndex.suffix : nil
        let indexPath = beside.flatMap { FileSystem.exists(String($0)) ? String($0) : nil }
        do throws(ShardError) {
            return try open(shard, at: path, indexPath: indexPath)
        } catch {
            guard toleratesDamage, error.kind == .badInput else { throw error }
            return try RecordFile(
                damaged: path, indexPath: indexPath, count: shard.records.count, bytes: shard.bytes, damage: error)
        }
    }

    private static func open(
        _ shard: ShardManifest.Shard, at path: String, indexPath: String?
    ) throws(ShardError) -> RecordFile {
        let file = try RecordFile(path: path, indexPath: indexPath)
        guard file.byteCount == shard.bytes else {
            throw ShardError(
                file.byteCount < shard.bytes ? .truncated : .manifest,
                "has \(file.byteCount) bytes, the manifest says \(shard.bytes)", location: DataLocation(path: path))
        }
        guard file.count == shard.records.count else {
            throw ShardError(
                .manifest, "has \(file.count) records, the manifest says \(shard.records.count)",
                location: DataLocation(path: path))
        }
        return file
    }
}
