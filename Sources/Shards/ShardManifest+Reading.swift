private import JSONText
private import Runtime

extension ShardManifest {
    /// Reads a `manifest.json`, streaming, as a set of millions of records has a manifest of many megabytes.
    ///
    /// Keys that this version does not know are skipped.
    /// - Throws: `ShardError.missing`, or `.manifest` with what is wrong where.
    package init(path: String) throws(ShardError) {
        let file: MappedFile
        do throws(FileError) {
            file = try MappedFile(path: path)
        } catch {
            throw ShardError(error)
        }
        self = try file.withBytes { bytes throws(ShardError) in try Self.read(bytes, path: path) }
    }

    /// Reads a manifest's text.
    ///
    /// - Parameter path: where the text is from, for messages.
    /// - Throws: `ShardError.manifest` with what is wrong where.
    init(_ text: [UInt8], path: String) throws(ShardError) {
        self = try text.withUnsafeBytes { bytes in
            Result { () throws(ShardError) in try Self.read(bytes, path: path) }
        }.get()
    }

    private static func read(_ bytes: UnsafeRawBufferPointer, path: String) throws(ShardError) -> ShardManifest {
        do throws(JSONError) {
            var reader = ManifestReader(bytes, path: path)
            return try reader.manifest()
        } catch {
            throw ShardError(
                .manifest, "not a manifest that this samdata reads: \(error.message)",
                location: error.location ?? DataLocation(path: path))
        }
    }
}

/// The manifest's grammar over a pull parser.
private struct ManifestReader {
    private var parser: JSONPullParser

    init(_ bytes: UnsafeRawBufferPointer, path: String) { parser = JSONPullParser(bytes, path: path) }

    mutating func manifest() throws(JSONError) -> ShardManifest {
        var name: String?
        var version: Int?
        var classes: [ShardClass]?
        var shards: [ShardManifest.Shard]?
        var stated = (records: Int?.none, objects: Int?.none, bytes: Int?.none)
        var manifest = ShardManifest(name: "", classes: [])
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "schema_version": version = try count()
            case "name": name = try parser.readString()
            case "record_count": stated.records = try sum()
            case "object_count": stated.objects = try sum()
            case "byte_count": stated.bytes = try sum()
            case "exif": manifest.exifPolicy = try enumeration()
            case "command": manifest.command = try parser.readString()
            case "seed": manifest.seed = try seed()
            case "source": manifest.source = try source()
            case "inputs": manifest.inputs = try array { reader throws(JSONError) in try reader.source() }
            case "stages": manifest.stages = try array { reader throws(JSONError) in try reader.stageCount() }
            case "sections": manifest.sections = try object()
            case "findings": manifest.findings = try array { reader throws(JSONError) in try reader.finding() }
            case "classes": classes = try array { reader throws(JSONError) in try reader.shardClass() }
            case "shards": shards = try array { reader throws(JSONError) in try reader.shard() }
            default: try parser.skipValue()
            }
        }
        try parser.finish()
        guard let version, version == ShardManifest.schemaVersion else {
            throw failure(
                "\"schema_version\" is \(version.map(String.init) ?? "absent"), not \(ShardManifest.schemaVersion)")
        }
        manifest.name = try required(name, "name")
        manifest.classes = try required(classes, "classes")
        manifest.shards = try required(shards, "shards")
        try check(manifest, stated.records, stated.objects, stated.bytes)
        return manifest
    }

    /// Holds what a manifest says of the whole set against what it says of its parts.
    private mutating func check(
        _ manifest: ShardManifest, _ records: Int?, _ objects: Int?, _ bytes: Int?
    ) throws(JSONError) {
        var names: Set<String> = []
        var byteCount = 0
        for shard in manifest.shards {
            guard names.insert(shard.file).inserted else { throw failure("the shard \(shard.file) is listed twice") }
            let (sum, overflow) = byteCount.addingReportingOverflow(shard.bytes)
            guard !overflow else { throw failure("the shards' \"bytes\" add up to more than any disk holds") }
            byteCount = sum
        }
        let sums = [
            ("record_count", records, manifest.recordCount), ("object_count", objects, manifest.objectCount),
            ("byte_count", bytes, byteCount),
        ]
        for (key, stated, listed) in sums {
            if let stated, stated != listed {
                throw failure("\"\(key)\" is \(stated), the shards that it lists have \(listed)")
            }
        }
    }

    private mutating func source() throws(JSONError) -> ShardManifest.Source {
        var source = ShardManifest.Source(path: "", bytes: 0, sha256: "")
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "path": source.path = try parser.readString()
            case "bytes": source.bytes = try byteCount()
            case "sha256": source.sha256 = try parser.readString()
            default: try parser.skipValue()
            }
        }
        return source
    }

    private mutating func strings() throws(JSONError) -> [String] {
        try array { reader throws(JSONError) in try reader.parser.readString() }
    }

    private mutating func finding() throws(JSONError) -> FindingCount {
        var rule: String?
        var finding = FindingCount(rule: "", severity: .note, subject: .file, count: 0, ids: [], isDrop: false)
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "rule": rule = try parser.readString()
            case "severity": finding.severity = try enumeration()
            case "subject": finding.subject = try enumeration()
            case "count": finding.count = try count()
            case "dropped": finding.isDrop = try parser.readBool()
            case "ids": finding.ids = try strings()
            case "stage": finding.stage = try count()
            case "originals": finding.originals = try strings()
            default: try parser.skipValue()
            }
        }
        finding.rule = try required(rule, "rule")
        return finding
    }

    private mutating func stageCount() throws(JSONError) -> ShardManifest.StageCount {
        var stage = ShardManifest.StageCount(name: "")
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "name": stage.name = try parser.readString()
            case "images_in": stage.imagesIn = try count()
            case "images_out": stage.imagesOut = try count()
            case "objects_in": stage.objectsIn = try count()
            case "objects_out": stage.objectsOut = try count()
            default: try parser.skipValue()
            }
        }
        return stage
    }

    private mutating func shardClass() throws(JSONError) -> ShardClass {
        var id: Int64?
        var name: String?
        var supercategory: String?
        var sourceID: String?
        var members: String?
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "id": id = try integer()
            case "name": name = try parser.readString()
            case "supercategory": supercategory = try parser.readString()
            case "source_id": sourceID = try parser.readString()
            case "members": members = try object()
            default: try parser.skipValue()
            }
        }
        return ShardClass(
            categoryID: try required(id, "id"), name: try required(name, "name"), supercategory: supercategory,
            sourceID: sourceID, members: members)
    }

    private mutating func shard() throws(JSONError) -> ShardManifest.Shard {
        var file: String?
        var bytes: Int?
        var sha256: String?
        var records: [ShardManifest.Record]?
        var recordCount: Int?
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "record_count": recordCount = try sum()
            case "file": file = try parser.readString()
            case "bytes": bytes = try byteCount()
            case "sha256": sha256 = try parser.readString()
            case "records": records = try array { reader throws(JSONError) in try reader.record() }
            default: try parser.skipValue()
            }
        }
        let name = try required(file, "file")
        // A path would make a manifest from elsewhere open files outside its own folder.
        guard !name.contains("/"), !name.isEmpty else { throw failure("\"file\" is \"\(name)\", not a file name") }
        if let recordCount, let records, recordCount != records.count {
            throw failure("\"record_count\" of \(name) is \(recordCount), it lists \(records.count) records")
        }
        return ShardManifest.Shard(
            file: name, bytes: try required(bytes, "bytes"), sha256: sha256,
            records: try required(records, "records"))
    }

    private mutating func record() throws(JSONError) -> ShardManifest.Record {
        var imageID: String?
        var (objects, crowds): ([Int64: Int], [Int64: Int]) = ([:], [:])
        var repeats = 1.0
        try parser.beginObject()
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "image_id": imageID = try parser.readString()
            case "objects": objects = try counts()
            case "crowds": crowds = try counts()
            case "repeat": repeats = try repeatFactor()
            default: try parser.skipValue()
            }
        }
        return ShardManifest.Record(
            imageID: try required(imageID, "image_id"), objects: objects, crowds: crowds, repeats: repeats)
    }

    /// Numbers of objects by category id.
    private mutating func counts() throws(JSONError) -> [Int64: Int] {
        var counts: [Int64: Int] = [:]
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let text = parser.name(of: key)
            guard let category = Int64(text) else { throw failure("\"\(text)\" is not a category id") }
            counts[category] = try count()
        }
        return counts
    }

    // MARK: Parts

    /// The text of an object, whatever it holds.
    private mutating func object() throws(JSONError) -> String {
        guard try parser.peekKind() == .object else { throw failure("a value is no object") }
        return String(decoding: parser.raw(try parser.skipValue()), as: UTF8.self)
    }

    private mutating func array<Element>(
        _ element: (inout Self) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        var elements: [Element] = []
        try parser.beginArray()
        while try parser.nextElement() { elements.append(try element(&self)) }
        return elements
    }

    private mutating func integer() throws(JSONError) -> Int64 {
        guard let value = try parser.readNumber().exactInteger else { throw failure("a number is not an integer") }
        return value
    }

    /// A number of things: 32 bits, so that no sum over a file of any size overflows.
    private mutating func count() throws(JSONError) -> Int { try integer(upTo: Int64(UInt32.max)) }

    /// A sum of such numbers.
    private mutating func sum() throws(JSONError) -> Int { try integer(upTo: .max) }

    /// A file's size: 0 to 2^53.
    private mutating func byteCount() throws(JSONError) -> Int { try integer(upTo: 1 << 53) }

    private mutating func integer(upTo maximum: Int64) throws(JSONError) -> Int {
        let value = try integer()
        guard (0...maximum).contains(value) else { throw failure("\(value) is not a number of 0 to \(maximum)") }
        return Int(value)
    }

    /// How often a record comes up in an epoch: 0 to a million, so that no epoch is made of one record without end.
    private mutating func repeatFactor() throws(JSONError) -> Double {
        let value = try parser.readNumber().value
        guard (0...1e6).contains(value) else { throw failure("a \"repeat\" of \(value) is not between 0 and 1000000") }
        return value
    }

    private mutating func seed() throws(JSONError) -> UInt64 {
        let number = try parser.readNumber()
        guard number.isIntegerText,
            let seed = UInt64(String(decoding: parser.raw(number.range), as: UTF8.self))
        else { throw failure("a seed is an integer between 0 and 2^64 - 1") }
        return seed
    }

    private mutating func enumeration<Value: RawRepresentable<String>>() throws(JSONError) -> Value {
        let text = try parser.readString()
        guard let value = Value(rawValue: text) else { throw failure("\"\(text)\" is not known here") }
        return value
    }

    private mutating func required<Value>(_ value: Value?, _ key: String) throws(JSONError) -> Value {
        guard let value else { throw failure("\"\(key)\" is missing") }
        return value
    }

    private mutating func failure(_ message: String) -> JSONError {
        JSONError(.type, at: parser.location(at: parser.offset), message)
    }
}
