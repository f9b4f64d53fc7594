internal import JSONText
private import Runtime
internal import Shards

/// Where `inspect` takes records from.
enum InspectedShards {
    /// A set by its manifest.
    case set(ShardSet)
    /// One `.tfrecord` file by itself: there is no manifest to hold it against.
    case file(RecordFile)

    /// - Throws: `ShardError` when a set or file is not there or damaged in its framing.
    init(path: String) throws(ShardError) {
        self =
            path.hasSuffix(".tfrecord") && !ShardSet.isRemote(path)
            ? .file(try RecordFile(path: path)) : .set(try ShardSet(path: path))
    }

    /// Number of records.
    var count: Int {
        switch self {
        case .set(let set): set.count
        case .file(let file): file.count
        }
    }

    /// What there is to say without reading a record.
    var inspection: Inspection {
        switch self {
        case .set(let set):
            let manifest = ManifestInspection(manifest: set.manifest)
            let counts = Self.members(
                shards: set.manifest.shards.count, records: set.count, bytes: set.manifest.byteCount)
            return Inspection(text: manifest.text, members: counts + [JSONMember("manifest", manifest.json)])
        case .file(let file):
            return Inspection(
                text: "TFRecord file:  \(file.count) records, \(ByteSize(bytes: file.byteCount))",
                members: Self.members(shards: 1, records: file.count, bytes: file.byteCount))
        }
    }

    private static func members(shards: Int, records: Int, bytes: Int) -> [JSONMember] {
        [("shards", shards), ("records", records), ("bytes", bytes)].map { JSONMember($0, .integer(Int64($1))) }
    }

    /// - Parameter number: below ``count``.
    /// - Throws: `ShardError` with file, record and offset: a checksum that does not match, or what samdata did not write.
    func record(_ number: Int) throws(ShardError) -> ShardRecord {
        switch self {
        case .set(let set):
            return ShardRecord(number: number, sample: try set.sample(at: number), location: set.location(of: number))
        case .file(let file):
            let offset = file.index.range(of: number).lowerBound
            return ShardRecord(
                number: number, sample: try file.sample(at: number),
                location: DataLocation(path: file.path, byteOffset: offset, record: number))
        }
    }
}
