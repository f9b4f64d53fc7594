private import Foundation
private import JSONText
internal import Pipeline
private import Runtime
private import Shards

/// A conversion's summary as people and programs read it; `schemas/convert.schema.json` describes the latter.
struct ConversionReport {
    private let summary: ConversionSummary

    init(_ summary: ConversionSummary) { self.summary = summary }

    // MARK: For people

    /// A table of the sets that were written, and one of what was found.
    var text: String {
        var blocks = [sets]
        if !summary.counts.isEmpty { blocks.append(FindingCountTable(counts: summary.counts).text) }
        var last = "\(summary.images) of \(summary.listedImages) images and \(summary.objects) objects converted"
        if summary.hasDrops {
            last += "; dropped: \(summary.droppedImages) images, \(summary.droppedAnnotations) annotations"
        }
        if summary.resumedShards > 0 {
            last += "; \(summary.resumedShards) of \(summary.shards) shards were done before"
        }
        return (blocks + [last + "."]).joined(separator: "\n\n")
    }

    private var sets: String {
        var table = TextTable([
            ("set", .left), ("images", .right), ("objects", .right), ("shards", .right), ("size", .right),
            ("directory", .left),
        ])
        for part in summary.parts {
            table.add([
                part.name, String(part.manifest.recordCount), String(part.manifest.objectCount),
                String(part.manifest.shards.count), ByteSize(bytes: part.manifest.byteCount).description,
                part.directory,
            ])
        }
        return table.render()
    }

    /// A line for each of the first drops of every rule, and how many more there are.
    var dropLines: [String] {
        summary.counts.filter(\.isDrop).flatMap { count in
            let shown = summary.examples.filter { $0.rule == count.rule }.prefix(5)
            let more = count.count - shown.count
            return shown.map(\.description)
                + (more > 0 ? ["… and \(more) more of \(count.rule); manifest.json lists all ids"] : [])
        }
    }

    // MARK: For programs

    var json: String {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.member("schema_version", .integer(1))
        writer.member("command", .string("convert coco"))
        writer.member(
            "images", counts(listed: summary.listedImages, converted: summary.images, dropped: summary.droppedImages))
        writer.member(
            "annotations", counts(listed: nil, converted: summary.objects, dropped: summary.droppedAnnotations))
        writer.member("resumed_shards", .integer(Int64(summary.resumedShards)))
        writer.key("sets")
        writer.beginArray()
        for part in summary.parts {
            writer.value([
                "name": .string(part.name), "directory": .string(part.directory),
                "manifest": .string(FileSystem.join(part.directory, ShardManifest.fileName)),
                "images": .integer(Int64(part.manifest.recordCount)),
                "objects": .integer(Int64(part.manifest.objectCount)),
                "shards": .integer(Int64(part.manifest.shards.count)),
                "bytes": .integer(Int64(part.manifest.byteCount)),
            ])
        }
        writer.endArray()
        writer.member("findings", FindingCountTable(counts: summary.counts).json)
        writer.endObject()
        return writer.text
    }

    private func counts(listed: Int?, converted: Int, dropped: Int) -> JSONValue {
        var members = listed.map { [JSONMember("listed", .integer(Int64($0)))] } ?? []
        members.append(JSONMember("converted", .integer(Int64(converted))))
        members.append(JSONMember("dropped", .integer(Int64(dropped))))
        return .object(members)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: JSONValue) {
        key(name)
        self.value(value)
    }
}
