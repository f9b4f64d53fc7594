internal import Runtime

/// The files of a set of shards in a folder of a web server: its manifest, its indexes, and its shards by ranges.
struct RemoteSet {
    /// The folder's address, with a slash at its end.
    let path: String
    let manifest: ShardManifest
    let files: [RecordFile]

    /// No manifest is longer.
    private static let maximumBytes = 1 << 30
    /// No line of an index is longer: two numbers below 2^63.
    private static let indexLineBytes = 48

    /// - Parameters:
    ///   - address: `http://HOST/FOLDER/`, or that of its `manifest.json`.
    ///   - toleratesDamage: open shards that are shorter than the manifest says as well.
    /// - Throws: `ShardError.missing` for what is not there, `.remote` when the server does not answer or knows no ranges,
    ///   `.manifest`, `.index`, `.truncated`, `.changed` for files that do not fit each other.
    init(address: String, reading: RemoteReading, toleratesDamage: Bool = false) throws(ShardError) {
        guard !address.hasSuffix(".tfrecord") else {
            throw ShardError(
                .missing, "a set of shards is opened by its folder or its \(ShardManifest.fileName)",
                location: DataLocation(path: address))
        }
        let folder =
            address.hasSuffix("/" + ShardManifest.fileName)
            ? String(address.dropLast(ShardManifest.fileName.count)) : address
        let reader: HTTPFileReader
        do throws(HTTPError) {
            reader = HTTPFileReader(try HTTPAddress(folder), patience: reading.patience)
        } catch {
            throw ShardError(error, at: address)
        }
        path = reader.url("")
        let manifestURL = reader.url(ShardManifest.fileName)
        let text = try Self.whole(ShardManifest.fileName, of: reader, limit: Self.maximumBytes)
        let manifest = try ShardManifest(text, path: manifestURL)
        self.manifest = manifest
        let cache = BlockCache(blockBytes: reading.blockBytes, capacity: reading.cacheBytes)
        do {
            files = try Workers.map(manifest.shards.count) { number in
                try Self.open(
                    manifest.shards[number], number: number, reader: reader, cache: cache,
                    toleratesDamage: toleratesDamage)
            }
        } catch let error as ShardError {
            throw error
        } catch {
            preconditionFailure("opening a shard throws ShardError alone: \(error)")
        }
    }

    private static func open(
        _ shard: ShardManifest.Shard, number: Int, reader: HTTPFileReader, cache: BlockCache, toleratesDamage: Bool
    ) throws(ShardError) -> RecordFile {
        let indexName = RecordIndex.path(of: shard.file)
        let indexURL = reader.url(indexName)
        let text = try whole(indexName, of: reader, limit: indexLineBytes * (shard.records.count + 1))
        let index = try text.withUnsafeBytes { bytes in
            Result { () throws(ShardError) in try RecordIndex(text: bytes, path: indexURL) }
        }.get()
        guard index.fileBytes == shard.bytes, index.count == shard.records.count else {
            throw ShardError(
                .index,
                "has \(index.count) records in \(index.fileBytes) bytes, the manifest says "
                    + "\(shard.records.count) in \(shard.bytes)", location: DataLocation(path: indexURL))
        }
        let storage = try RemoteStorage(
            shard.file, byteCount: shard.bytes, reader: reader, cache: cache, number: number,
            mayBeShorter: toleratesDamage)
        let damage =
            storage.byteCount == shard.bytes
            ? nil : RemoteStorage.lengthError(storage.byteCount, stated: shard.bytes, path: storage.path)
        return RecordFile(storage: storage, index: index, damage: damage)
    }

    private static func whole(_ name: String, of reader: HTTPFileReader, limit: Int) throws(ShardError) -> [UInt8] {
        do throws(HTTPError) {
            return try reader.whole(name, limit: limit)
        } catch {
            throw ShardError(error, at: reader.url(name))
        }
    }
}
