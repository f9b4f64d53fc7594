import Foundation
import Images
import JSONText
import Runtime
import TestSupport
import Testing

/// Details of conversions that are easily wrong: figures in reports, odd maps, odd classes.
@Suite struct ConvertDetailTests {
    private static func convert(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert"] + words, in: data.path)
    }

    /// One image of 40 by 30 with squares: objects as (category, x, side, more members).
    private static func dataset(
        _ objects: [(category: String, x: Int, side: Int, more: String)],
        categories: String = #"[{"id":1,"name":"a"},{"id":2,"name":"b"}]"#
    ) throws -> TemporaryDirectory {
        let data = try TemporaryDirectory()
        try FileSystem.createDirectory(data.file("images"))
        for name in ["1.png", "2.png"] {
            try AtomicFileWriter.write(try ConvertFixture.image(width: 40, height: 30), to: data.file("images/" + name))
        }
        let annotations = objects.enumerated().map { index, object in
            let (left, right) = (object.x, object.x + object.side)
            return #"{"id":\#(index + 1),"image_id":1,"category_id":\#(object.category),"iscrowd":0,"#
                + #""bbox":[\#(left),2,\#(object.side),\#(object.side)],"#
                + #""segmentation":[[\#(left),2,\#(right),2,\#(right),\#(2 + object.side),\#(left),\#(2 + object.side)]]\#(object.more)}"#
        }
        let images = [1, 2].map { #"{"id":\#($0),"file_name":"\#($0).png","width":40,"height":30}"# }
        try AtomicFileWriter.write(
            #"{"images":[\#(images.joined(separator: ","))],"categories":\#(categories),"annotations":[\#(annotations.joined(separator: ","))]}"#,
            to: data.file("labels.json"))
        return data
    }

    private static func losses(_ path: String) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(path), as: UTF8.self).split(separator: "\n").map {
            try JSONDocument.parse(String($0))
        }
    }

    /// The IoU of a loss is that of the mask with what a reader sees: all of a class, or the largest part.
    @Test func lossesStateTheirOverlap() throws {
        // 8 x 8 and 4 x 4 pixels of one class, apart: 64 and 16 of 80.
        let data = try Self.dataset([("1", 2, 8, ""), ("1", 20, 4, ""), ("2", 30, 5, "")])
        let map = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "--to", "mask-folder", "--mask-kind", "class-map", "-o",
            "map")
        #expect(map.status == 0, "\(map)")
        let merged = try Self.losses(data.file("map/losses.jsonl")).filter { $0["loss"] == "merged" }
        #expect(merged.map { $0["iou"]?.double } == [0.8, 0.2])
        // Where another object of its class covers it, the class is still there; another class takes 8 of 64 pixels.
        let covered = try Self.dataset([("1", 2, 8, ""), ("1", 6, 8, ""), ("2", 9, 8, "")])
        #expect(
            try Self.convert(
                covered, "coco", "labels.json", "--images", "images", "--to", "mask-folder", "--mask-kind",
                "class-map", "-o", "map"
            ).status == 0)
        let shapes = try Self.losses(covered.file("map/losses.jsonl")).filter { $0["loss"] == "shape" }
        #expect(
            shapes.map { $0["annotation_id"] } == ["1", "2"] && shapes.map { $0["iou"]?.double } == [0.875, 0.375])
        // One object of both squares: in two lines, the larger one is what is left of it.
        let both = "[[2,2,10,2,10,10,2,10],[20,2,24,2,24,6,20,6]]"
        let text = String(decoding: try FileSystem.read(data.file("labels.json")), as: UTF8.self)
        try AtomicFileWriter.write(
            text.replacing("[[2,2,10,2,10,10,2,10]]", with: both), to: data.file("labels.json"))
        let yolo = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "--to", "yolo", "--multipart", "split", "-o", "yolo")
        #expect(yolo.status == 0, "\(yolo)")
        let parts = try Self.losses(data.file("yolo/losses.jsonl")).filter { $0["loss"] == "parts" }
        #expect(parts.map { $0["iou"]?.double } == [0.8])
    }

    /// Ids of categories that are texts come back from SA-1B.
    @Test func idsOfTextComeBack() throws {
        let data = try Self.dataset(
            [("\"cat\"", 2, 8, ""), ("\"3\"", 20, 4, "")],
            categories: #"[{"id":"cat","name":"Cat"},{"id":"3","name":"Dog"}]"#)
        #expect(
            try Self.convert(data, "coco", "labels.json", "--images", "images", "--to", "sa-1b", "-o", "sa").status == 0
        )
        let back = try Self.convert(data, "sa-1b", "sa", "--to", "coco", "-o", "back", "--strict")
        #expect(back.status == 0, "\(back)")
        let out = try JSONDocument.read(path: data.file("back/annotations.json"))
        let names = Dictionary(
            uniqueKeysWithValues: (out["categories"]?.array ?? []).map { ($0["id"]?.text() ?? "", $0["name"]?.string) })
        #expect(
            (out["annotations"]?.array ?? []).map { names[$0["category_id"]?.text() ?? ""] ?? nil } == ["Cat", "Dog"])
    }

    /// A class without a name is not lost in formats that know classes by their names.
    @Test(arguments: ["cvat", "via", "voc", "yolo", "labelme"])
    func classesWithoutANameComeBack(format: String) throws {
        let data = try Self.dataset(
            [("1", 2, 8, ""), ("2", 20, 4, "")], categories: #"[{"id":1,"name":"a"},{"id":2,"name":""}]"#)
        let there = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "--to", format, "-o", "there")
        #expect(there.status == 0, "\(there)")
        let back = try Self.convert(data, format, "there", "--to", "coco", "-o", "back")
        #expect(back.status == 0, "\(back)")
        let out = try JSONDocument.read(path: data.file("back/annotations.json"))
        #expect(out["annotations"]?.array?.count == 2, "\(out.text())")
    }

    /// In a map of classes a class without a name has its own number, and leaves the others theirs.
    @Test func classesWithoutANameKeepTheirNumbers() throws {
        let data = try Self.dataset(
            [("1", 2, 8, ""), ("2", 20, 4, "")], categories: #"[{"id":1,"name":""},{"id":2,"name":"b"}]"#)
        #expect(
            try Self.convert(
                data, "coco", "labels.json", "--images", "images", "--to", "mask-folder", "--mask-kind", "class-map",
                "-o", "there"
            ).status == 0)
        #expect(try Self.convert(data, "mask-folder", "there", "--to", "coco", "-o", "back").status == 0)
        let out = try JSONDocument.read(path: data.file("back/annotations.json"))
        let named = (out["categories"]?.array ?? []).first { $0["name"] == "b" }?["id"]
        let objects = out["annotations"]?.array ?? []
        #expect(objects.count == 2 && objects.filter { $0["category_id"] == named }.map { $0["area"]?.int } == [16])
    }

    /// All stuff of a class in an image is one segment.
    @Test func stuffIsOneSegment() throws {
        let data = try Self.dataset([("1", 2, 8, ""), ("1", 20, 4, ""), ("2", 30, 3, ""), ("2", 34, 3, "")])
        let outcome = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "--to", "coco-panoptic", "--stuff", "a", "-o", "out")
        #expect(outcome.status == 0, "\(outcome)")
        let segments = try JSONDocument.read(path: data.file("out/panoptic.json"))["annotations"]?[0]?["segments_info"]
        #expect(segments?.array?.map { $0["category_id"]?.int } == [1, 2, 2])
        #expect(segments?.array?.map { $0["area"]?.int } == [80, 9, 9])
        let losses = try Self.losses(data.file("out/losses.jsonl"))
        #expect(losses.map { $0["loss"] } == ["merged", "merged"] && losses.map { $0["iou"]?.double } == [0.8, 0.2])
    }

    /// An area that is the box's is told of where the mask has fewer pixels, and only there.
    @Test func areasOfBoxesAreTold() throws {
        let data = try Self.dataset([("1", 2, 8, #","area":64"#), ("1", 20, 8, #","area":64"#)])
        let text = String(decoding: try FileSystem.read(data.file("labels.json")), as: UTF8.self)
        // The second is a triangle in its box.
        try AtomicFileWriter.write(
            text.replacing("[[20,2,28,2,28,10,20,10]]", with: "[[20,2,28,2,20,10]]"), to: data.file("labels.json"))
        let outcome = try Self.convert(data, "coco", "labels.json", "--images", "images", "-o", "out", "--json")
        let findings = try JSONDocument.parse(outcome.stdout)["findings"]?.array ?? []
        let areas = findings.filter { $0["rule"] == "agreement.box-area" }
        #expect(areas.map { $0["ids"] } == [["2"]] && areas.first?["dropped"] == false, "\(outcome)")
    }

    /// What stages leave out is listed stage by stage, and duplicates with what they repeat.
    @Test func rejectsAreListedByStage() throws {
        let data = try Self.dataset([("1", 2, 3, ""), ("1", 8, 8, ""), ("2", 20, 15, "")])
        let outcome = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "--to", "coco", "-o", "out", "--stages",
            "[{filter: {min-area: 20}}, {deduplicate: {by: bytes}}, {filter: {max-area: 100}}]")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.stdout.contains("filter.area, stage 1") && outcome.stdout.contains("filter.area, stage 3"))
        let record = try JSONDocument.read(path: data.file("out/conversion.json"))
        #expect(try JSONSchemaCheck("conversion").violations(of: record).isEmpty)
        let rejects = (record["findings"]?.array ?? []).filter { $0["stage"] != nil }
        #expect(rejects.map { $0["stage"]?.int } == [2, 1, 3])
        #expect(rejects.map { $0["ids"] } == [["2"], ["1"], ["3"]] && rejects[0]["originals"] == ["1"])
        // Shards say the same.
        let shards = try Self.convert(
            data, "coco", "labels.json", "--images", "images", "-o", "shards", "--dedup", "bytes")
        #expect(shards.status == 0)
        let manifest = try JSONDocument.read(path: data.file("shards/manifest.json"))
        // The check does not know `propertyNames`.
        #expect(
            try JSONSchemaCheck("manifest").violations(of: manifest).filter { !$0.contains("propertyNames") }.isEmpty)
        #expect(manifest["findings"]?.array?.contains { $0["originals"] == ["1"] && $0["stage"] == 1 } == true)
    }

    /// Maps of 0, 254 and 255 are of one object; numbers of classes may be gray in three channels; the background's name in
    /// front counts where a user names the classes as it does in a file.
    @Test func oddMapsAreUnderstood() throws {
        let data = try TemporaryDirectory()
        func write(_ folder: String, _ map: [UInt8]) throws {
            try FileSystem.createDirectory(data.file(folder + "/images"))
            try FileSystem.createDirectory(data.file(folder + "/masks"))
            try AtomicFileWriter.write(
                try ConvertFixture.image(width: 8, height: 4), to: data.file(folder + "/images/a.png"))
            try AtomicFileWriter.write(map, to: data.file(folder + "/masks/a.png"))
        }
        func areas(_ folder: String, _ words: String...) throws -> (names: [String], areas: [Int], report: String) {
            let outcome = try BuiltBinary.run(
                ["convert", "mask-folder", folder, "--to", "coco", "-o", "out", "--force"] + words, in: data.path)
            #expect(outcome.status == 0, "\(outcome)")
            let out = try JSONDocument.read(path: data.file("out/annotations.json"))
            let names = Dictionary(
                uniqueKeysWithValues: (out["categories"]?.array ?? []).map {
                    ($0["id"]?.int ?? 0, $0["name"]?.string ?? "")
                })
            let objects = out["annotations"]?.array ?? []
            return (
                objects.map { names[$0["category_id"]?.int ?? 0] ?? "" }, objects.map { $0["area"]?.int ?? 0 },
                outcome.stdout
            )
        }
        let rows: [UInt8] = [0, 1, 1, 0, 0, 2, 2, 2] + [UInt8](repeating: 0, count: 24)
        try write("white", try ImageCodec.encodePNG(gray: rows.map { [0, 254, 255][Int($0)] }, width: 8, height: 4))
        let white = try areas("white")
        #expect(white.areas == [5] && white.report.contains("masks.values"), "\(white)")
        // Low numbers beside the highest one are objects.
        try write("ids", try ImageCodec.encodePNG(gray: rows.map { [0, 7, 255][Int($0)] }, width: 8, height: 4))
        #expect(try areas("ids").areas == [2, 3])
        try write(
            "gray", try ImageCodec.encodePNG(RGBImage(height: 4, width: 8, pixels: rows.flatMap { [$0, $0, $0] })))
        try AtomicFileWriter.write("background\nroad\ncar\n", to: data.file("gray/classes.txt"))
        let gray = try areas("gray")
        #expect(gray.names == ["road", "car"] && gray.areas == [2, 3], "\(gray)")
        try write("named", try ImageCodec.encodePNG(gray: rows, width: 8, height: 4))
        for names in ["background,road,car", "road,car"] {
            let named = try areas("named", "--mask-kind", "class-map", "--class-names", names)
            #expect(named.names == ["road", "car"] && named.areas == [2, 3], "\(names): \(named)")
        }
    }
}
