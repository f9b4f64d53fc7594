internal import Annotations
private import Foundation
private import JSONText
internal import Pipeline
private import Runtime
private import Shards

/// A conversion's summary as people and programs read it; `schemas/convert.schema.json` describes the latter.
struct ConversionReport {
    private let summary: ConversionSummary
    private let format: String
    private let target: String

    /// - Parameters:
    ///   - format: of the labels that were read.
    ///   - target: what was written.
    init(_ summary: ConversionSummary, format: String = "coco", target: String = ConversionOptions.shards) {
        self.summary = summary
        self.format = format
        self.target = target
    }

    private var isShards: Bool { target == ConversionOptions.shards }

    // MARK: For people

    /// A table of the sets that were written, and one of what was found.
    var text: String {
        var blocks = [sets]
        if !summary.stages.isEmpty { blocks.append(StageCountTable(counts: summary.stages).text) }
        if !summary.counts.isEmpty { blocks.append(FindingCountTable(counts: summary.counts).text) }
        if !summary.losses.isEmpty { blocks.append(losses) }
        // With stages, images that come out need not be images that went in.
        var last =
            summary.stages.isEmpty
            ? "\(summary.images) of \(summary.listedImages) images and \(summary.objects) objects converted"
            : "\(summary.images) images with \(summary.objects) objects written, of \(summary.listedImages) images that the labels list"
        if summary.hasDrops {
            last += "; dropped: \(summary.droppedImages) images, \(summary.droppedAnnotations) annotations"
        }
        if summary.cutFiles > 0 {
            last += "; an unknown number of images is lost with the rest of \(summary.cutFiles) files that are cut off"
        }
        if summary.resumedShards > 0 {
            last += "; \(summary.resumedShards) of \(summary.shards) shards were done before"
        }
        if summary.resumedImages > 0 {
            last += "; the first \(summary.resumedImages) of the images were in place already"
        }
        return (blocks + [last + "."]).joined(separator: "\n\n")
    }

    private var sets: String {
        var columns: [(title: String, alignment: TextTable.Alignment)] = [
            ("set", .left), ("images", .right), ("objects", .right),
        ]
        if isShards { columns += [("shards", .right), ("size", .right)] }
        var table = TextTable(columns + [("directory", .left)])
        for part in summary.parts {
            var cells = [part.name, String(part.images), String(part.objects)]
            if let manifest = part.shardManifest {
                cells += [String(manifest.shards.count), ByteSize(bytes: manifest.byteCount).description]
            }
            table.add(cells + [part.directory])
        }
        return table.render()
    }

    /// What the target's format could not hold.
    private var losses: String {
        var table = TextTable([("loss", .left), ("objects", .right), ("meaning", .left)])
        for kind in ObjectLoss.Kind.allCases {
            if let count = summary.losses[kind] { table.add([kind.rawValue, String(count), kind.meaning]) }
        }
        return table.render() + "\nlosses.jsonl in the sets' directories lists every object."
    }

    /// What is said of files that are cut off, whatever was asked to be said.
    var cutLines: [String] {
        let rules = Set(summary.counts.filter { $0.isDrop && $0.subject == .file }.map(\.rule))
        return summary.examples.filter {
            rules.contains($0.rule) && $0.location.imageID == nil && $0.location.annotationID == nil
        }.map(\.description)
    }

    /// A line for each of the first drops of every rule, and how many more there are.
    var dropLines: [String] {
        summary.counts.filter { $0.isDrop && !$0.isReject && $0.subject != .file }.flatMap { count in
            let shown = summary.examples.filter { $0.rule == count.rule }.prefix(5)
            let more = count.count - shown.count
            return shown.map(\.description)
                + (more > 0
                    ? [
                        "… and \(more) more of \(count.rule); \(isShards ? "manifest.json" : "conversion.json") lists all ids"
                    ] : [])
        }
    }

    // MARK: For programs

    var json: String {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.member("schema_version", .integer(1))
        writer.member("command", .string("convert \(format)"))
        writer.member("target", .string(target))
        writer.member(
            "images", counts(listed: summary.listedImages, converted: summary.images, dropped: summary.droppedImages))
        writer.member(
            "annotations", counts(listed: nil, converted: summary.objects, dropped: summary.droppedAnnotations))
        writer.member("resumed_shards", .integer(Int64(summary.resumedShards)))
        writer.member("resumed_images", .integer(Int64(summary.resumedImages)))
        writer.key("sets")
        writer.beginArray()
        for part in summary.parts {
            var members = [
                JSONMember("name", .string(part.name)), JSONMember("directory", .string(part.directory)),
                JSONMember("images", .integer(Int64(part.images))),
                JSONMember("objects", .integer(Int64(part.objects))),
            ]
            if let manifest = part.shardManifest {
                members += [
                    JSONMember("manifest", .string(FileSystem.join(part.directory, ShardManifest.fileName))),
                    JSONMember("shards", .integer(Int64(manifest.shards.count))),
                    JSONMember("bytes", .integer(Int64(manifest.byteCount))),
                ]
            }
            writer.value(.object(members))
        }
        writer.endArray()
        writer.member("stages", StageCountTable(counts: summary.stages).json)
        writer.member(
            "losses",
            .object(
                ObjectLoss.Kind.allCases.compactMap { kind in
                    summary.losses[kind].map { JSONMember(kind.rawValue, .integer(Int64($0))) }
                }))
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

extension ObjectLoss.Kind {
    /// What a reader of the target's files meets.
    fileprivate var meaning: String {
        switch self {
        case .shape: "the mask read back differs"
        case .holes: "the mask's holes are filled"
        case .parts: "the object's parts are apart, or only the largest is there"
        case .crowd: "the group of objects looks like one object"
        case .merged: "objects of one class are one area"
        case .category: "the class is not there, or in file names alone"
        case .members: "attributes or other members of the object are not there"
        case .object: "the object is not there"
        }
    }
}
