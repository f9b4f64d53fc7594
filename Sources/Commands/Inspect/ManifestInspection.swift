internal import JSONText
private import Runtime
internal import Shards

/// What there is to say about the manifest of a set of shards.
struct ManifestInspection {
    let manifest: ShardManifest

    // MARK: For people

    var text: String {
        var lines = [
            "shards:    \(manifest.name.onOneLine), \(manifest.shards.count) files, "
                + "\(ByteSize(bytes: manifest.byteCount))",
            "records:   \(manifest.recordCount), with \(manifest.objectCount) objects of "
                + "\(manifest.classes.count) classes",
            "exif:      \(manifest.exifPolicy.rawValue): \(manifest.exifPolicy.meaning)",
        ]
        if let source = manifest.source {
            lines.append(
                "source:    \(source.path.onOneLine), \(ByteSize(bytes: source.bytes)), sha256 \(source.sha256.onOneLine)"
            )
        }
        lines += ["command:   \(manifest.command.onOneLine)", "seed:      \(manifest.seed)"]
        if manifest.findings.isEmpty { lines.append("findings:  none while the shards were made") }
        var blocks = [lines.joined(separator: "\n"), files, classes]
        if !manifest.findings.isEmpty { blocks.append(FindingCountTable(counts: manifest.findings).text) }
        return blocks.joined(separator: "\n\n")
    }

    private var files: String {
        var table = TextTable([("file", .left), ("records", .right), ("objects", .right), ("size", .right)])
        for shard in manifest.shards {
            table.add([
                shard.file, String(shard.records.count), String(shard.objectCount),
                ByteSize(bytes: shard.bytes).description,
            ])
        }
        return table.render()
    }

    private var classes: String {
        let counts = manifest.classCounts
        var table = TextTable([
            ("index", .right), ("id", .right), ("class", .left), ("supercategory", .left), ("objects", .right),
            ("images", .right),
        ])
        for (index, value) in manifest.classes.enumerated() {
            let count = counts[value.categoryID] ?? (objects: 0, images: 0)
            table.add([
                String(index), value.sourceID ?? String(value.categoryID), value.name, value.supercategory ?? "",
                String(count.objects), String(count.images),
            ])
        }
        return table.render()
    }

    // MARK: For programs

    /// `schemas/inspect.schema.json` describes it.
    var json: JSONValue {
        let source = manifest.source.map { source -> JSONValue in
            [
                "path": .string(source.path), "bytes": .integer(Int64(source.bytes)), "sha256": .string(source.sha256),
            ]
        }
        let files = manifest.shards.map { shard -> JSONValue in
            [
                "file": .string(shard.file), "records": .integer(Int64(shard.records.count)),
                "objects": .integer(Int64(shard.objectCount)), "bytes": .integer(Int64(shard.bytes)),
                "sha256": shard.sha256.map { .string($0) } ?? .null,
            ]
        }
        return [
            "name": .string(manifest.name), "objects": .integer(Int64(manifest.objectCount)),
            "exif": .string(manifest.exifPolicy.rawValue), "source": source ?? .null,
            "command": .string(manifest.command),
            // Seeds have 64 bits without a sign; JSONValue's integers have 63.
            "seed": Int64(exactly: manifest.seed).map { .integer($0) } ?? .string(String(manifest.seed)),
            "classes": .array(classValues), "findings": FindingCountTable(counts: manifest.findings).json,
            "files": .array(files),
        ]
    }

    private var classValues: [JSONValue] {
        let counts = manifest.classCounts
        return manifest.classes.enumerated().map { index, value in
            let count = counts[value.categoryID] ?? (objects: 0, images: 0)
            return [
                "index": .integer(Int64(index)), "id": .integer(value.categoryID), "name": .string(value.name),
                "supercategory": value.supercategory.map { .string($0) } ?? .null,
                "source_id": value.sourceID.map { .string($0) } ?? .null, "objects": .integer(Int64(count.objects)),
                "images": .integer(Int64(count.images)),
            ]
        }
    }
}

extension ShardManifest.Shard {
    /// Number of objects in all records.
    fileprivate var objectCount: Int { records.reduce(0) { $0 + $1.objects.values.reduce(0, +) } }
}

extension ExifPolicy {
    /// The policy in a sentence.
    fileprivate var meaning: String {
        switch self {
        case .raw: "masks and boxes fit the pixels as they are stored"
        case .apply: "masks and boxes fit the pixels turned by each record's orientation"
        }
    }
}
