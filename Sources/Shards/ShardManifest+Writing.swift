private import JSONText
private import Runtime

extension ShardManifest {
    /// The file's text: equal manifests have equal bytes.
    package var text: String {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.member("schema_version", Self.schemaVersion)
        writer.member("name", name)
        writer.member("record_count", recordCount)
        writer.member("object_count", objectCount)
        writer.member("byte_count", byteCount)
        writer.member("exif", exifPolicy.rawValue)
        writer.member("command", command)
        writer.member("seed", seed)
        if let source {
            writer.key("source")
            source.write(to: &writer)
        }
        if !inputs.isEmpty {
            writer.key("inputs")
            writer.beginArray()
            for input in inputs { input.write(to: &writer) }
            writer.endArray()
        }
        if let sections {
            writer.key("sections")
            writer.raw(sections.utf8)
        }
        write(findings, to: &writer)
        if !stages.isEmpty { writeStages(to: &writer) }
        writeClasses(to: &writer)
        writer.key("shards")
        writer.beginArray()
        for shard in shards { shard.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.finish()
        return writer.text
    }

    /// Writes `manifest.json` into a directory.
    package func write(to directory: String) throws(ShardError) {
        do throws(FileError) {
            try AtomicFileWriter.write(text, to: FileSystem.join(directory, Self.fileName))
        } catch {
            throw ShardError(error)
        }
    }

    private func write(_ findings: [FindingCount], to writer: inout JSONWriter) {
        writer.key("findings")
        writer.beginArray(layout: .indented)
        for finding in findings {
            writer.beginObject(layout: .compact)
            writer.member("rule", finding.rule)
            writer.member("severity", finding.severity.rawValue)
            writer.member("subject", finding.subject.rawValue)
            writer.member("count", finding.count)
            writer.key("dropped")
            writer.bool(finding.isDrop)
            if let stage = finding.stage { writer.member("stage", stage) }
            for (name, list) in [("ids", finding.ids), ("originals", finding.originals)]
            where name == "ids" || !list.isEmpty {
                writer.key(name)
                writer.beginArray()
                for id in list { writer.string(id) }
                writer.endArray()
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeStages(to writer: inout JSONWriter) {
        writer.key("stages")
        writer.beginArray(layout: .indented)
        for stage in stages {
            writer.beginObject(layout: .compact)
            writer.member("name", stage.name)
            writer.member("images_in", stage.imagesIn)
            writer.member("images_out", stage.imagesOut)
            writer.member("objects_in", stage.objectsIn)
            writer.member("objects_out", stage.objectsOut)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeClasses(to writer: inout JSONWriter) {
        let counts = classCounts
        writer.key("classes")
        writer.beginArray(layout: .indented)
        for (index, value) in classes.enumerated() {
            writer.beginObject(layout: .compact)
            writer.member("id", value.categoryID)
            writer.member("index", index)
            writer.member("name", value.name)
            if let supercategory = value.supercategory { writer.member("supercategory", supercategory) }
            if let sourceID = value.sourceID { writer.member("source_id", sourceID) }
            if let members = value.members {
                writer.key("members")
                writer.raw(members.utf8)
            }
            writer.member("objects", counts[value.categoryID]?.objects ?? 0)
            writer.member("images", counts[value.categoryID]?.images ?? 0)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension ShardManifest.Source {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("path", path)
        writer.member("bytes", bytes)
        writer.member("sha256", sha256)
        writer.endObject()
    }
}

extension ShardManifest.Shard {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("file", file)
        writer.member("bytes", bytes)
        if let sha256 { writer.member("sha256", sha256) }
        writer.member("record_count", records.count)
        writer.key("records")
        writer.beginArray(layout: .indented)
        for record in records {
            writer.beginObject(layout: .compact)
            writer.member("image_id", record.imageID)
            for (name, counts) in [("objects", record.objects), ("crowds", record.crowds)]
            where name == "objects" || !counts.isEmpty {
                writer.key(name)
                writer.beginObject()
                for (category, count) in counts.sorted(by: { $0.key < $1.key }) {
                    writer.member(String(category), count)
                }
                writer.endObject()
            }
            if record.repeats != 1 {
                writer.key("repeat")
                writer.plainNumber(record.repeats)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    fileprivate mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }
}
