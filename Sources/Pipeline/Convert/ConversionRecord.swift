internal import Annotations
package import JSONText
internal import Runtime
package import Shards

/// What `conversion.json` beside converted labels says: how they were made, and what became of everything;
/// `schemas/conversion.schema.json` describes the file. Shards have their manifest instead.
struct ConversionRecord: Sendable {
    /// The file's name.
    static let fileName = FolderWalk.recordName

    let command: String
    let source: ShardManifest.Source
    /// Files besides the labels that decided on what came out.
    let inputs: [ShardManifest.Source]

    /// Whether a directory holds no record, or one of the same command and input.
    static func agrees(_ record: ConversionRecord, in directory: String) throws -> Bool {
        let path = FileSystem.join(directory, fileName)
        guard FileSystem.exists(path) else { return true }
        guard let document = try? JSONDocument.read(path: path) else { return false }
        return document["command"]?.string == record.command
            && document["source"]?["sha256"]?.string == record.source.sha256
            && document["inputs"]?.array?.map { $0["sha256"]?.string } ?? [] == record.inputs.map(\.sha256)
    }

    /// Writes the file of one part.
    func write(
        _ part: ConversionSummary.Part, findings: [FindingCount], losses: [ObjectLoss.Kind: Int], seed: UInt64
    ) throws {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.member("schema_version", .integer(1))
        writer.member("command", .string(command))
        writer.key("seed")
        writer.integer(seed)
        writer.member("source", source.json)
        if !inputs.isEmpty { writer.member("inputs", .array(inputs.map(\.json))) }
        writer.member("images", .integer(Int64(part.images)))
        writer.member("objects", .integer(Int64(part.objects)))
        writer.member("losses", Self.json(losses))
        writer.member("findings", .array(findings.map(\.json)))
        if !part.stages.isEmpty { writer.member("stages", .array(part.stages.map(\.json))) }
        writer.endObject()
        writer.finish()
        try AtomicFileWriter.write(writer.text, to: FileSystem.join(part.directory, Self.fileName))
    }

    /// Losses by kind, in the kinds' order.
    static func json(_ losses: [ObjectLoss.Kind: Int]) -> JSONValue {
        .object(
            ObjectLoss.Kind.allCases.compactMap { kind in
                losses[kind].map { JSONMember(kind.rawValue, .integer(Int64($0))) }
            })
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: JSONValue) {
        key(name)
        self.value(value)
    }
}

extension ShardManifest.Source {
    fileprivate var json: JSONValue {
        ["path": .string(path), "bytes": .integer(Int64(bytes)), "sha256": .string(sha256)]
    }
}

extension FindingCount {
    /// As files and `--json` have it.
    package var json: JSONValue {
        var members = [
            JSONMember("rule", .string(rule)), JSONMember("severity", .string(severity.rawValue)),
            JSONMember("subject", .string(subject.rawValue)), JSONMember("count", .integer(Int64(count))),
            JSONMember("dropped", .bool(isDrop)),
        ]
        if let stage { members.append(JSONMember("stage", .integer(Int64(stage)))) }
        members.append(JSONMember("ids", .array(ids.map { .string($0) })))
        if !originals.isEmpty { members.append(JSONMember("originals", .array(originals.map { .string($0) }))) }
        return .object(members)
    }
}

extension ShardManifest.StageCount {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "images_in": .integer(Int64(imagesIn)), "images_out": .integer(Int64(imagesOut)),
            "objects_in": .integer(Int64(objectsIn)), "objects_out": .integer(Int64(objectsOut)),
        ]
    }
}
