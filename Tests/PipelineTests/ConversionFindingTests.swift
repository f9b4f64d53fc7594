import Foundation
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ConversionFindingTests {
    static func describe(_ counts: [FindingCount]) -> [String] {
        counts.map {
            "\($0.rule) \($0.subject.rawValue) \($0.isDrop ? "dropped" : "kept") \($0.ids.joined(separator: ","))"
        }
    }

    /// One defect of each kind; each is named, nothing else is, and the rest is converted.
    @Test func everyDropHasARuleAndItsIds() throws {
        var data = try SmallDataset()
        let good = try FileSystem.read(data.images + "/a/small.png")
        try data.write(Array(good.dropLast(20)), as: "cut.png")
        try data.write(Array("not an image".utf8), as: "text.png")
        try data.write([], as: "none.png")
        func image(_ id: Int, _ name: String, _ width: Int = 24, _ height: Int = 18) -> String {
            "{\"id\": \(id), \"file_name\": \"\(name)\", \"width\": \(width), \"height\": \(height)}"
        }
        try data.add(
            image(4, "gone.png"), image(5, "cut.png"), image(6, "text.png"), image(7, "none.png"),
            image(8, "a/small.png", 18, 24), image(1, "b/large.png", 30, 20), image(9, "a"),
            "{\"file_name\": \"x.png\"}",
            to: "images")
        func annotation(_ id: Int, image: Int = 1, category: Int = 3, _ rest: String) -> String {
            "{\"id\": \(id), \"image_id\": \(image), \"category_id\": \(category), \"iscrowd\": 0, \"area\": 4, \"bbox\": [1,1,2,2], \(rest)}"
        }
        let square = "\"segmentation\": [[1,1,6,1,6,6,1,6]]"
        try data.add(
            annotation(20, image: 77, square), annotation(21, category: 5, square),
            annotation(22, "\"segmentation\": [[1,1,6,1]]"),
            annotation(23, "\"segmentation\": {\"size\": [18, 24], \"counts\": [5, 5]}"),
            annotation(24, "\"segmentation\": {\"size\": [20, 24], \"counts\": [480]}"),
            annotation(25, "\"segmentation\": {\"size\": [18, 24], \"counts\": \"~~\"}"),
            "{\"id\": 26, \"image_id\": 1, \"category_id\": 3, \"iscrowd\": 0}",
            annotation(27, "\"segmentation\": [[1e99,1,6,1,6,6,1,6]]"), to: "annotations")
        let (summary, samples) = try data.convert()
        #expect(samples.map(\.imageID) == ["1", "2", "3"])
        #expect(samples.flatMap(\.objects).count == 5)
        #expect(
            Self.describe(summary.counts) == [
                "image.missing image dropped 4,9", "image.size image dropped 8",
                "image.truncated image dropped 5,7", "image.undecodable image dropped 6",
                "mask.missing annotation dropped 26", "polygon.four-numbers annotation dropped 22",
                "polygon.not-finite annotation dropped 27", "rle.characters annotation dropped 25",
                "rle.size annotation dropped 24", "rle.sum annotation dropped 23",
                "schema.dangling-category annotation dropped 21", "schema.dangling-image annotation dropped 20",
                "schema.duplicate-image-id image dropped 1",
                "schema.missing-key image dropped images[10].id",
            ])
        #expect(summary.droppedImages == 8 && summary.droppedAnnotations == 8 && summary.listedImages == 11)
        #expect(summary.parts[0].manifest.findings == summary.counts)
    }

    @Test func repairsAreCounted() throws {
        var data = try SmallDataset()
        try data.add(
            "{\"id\": 30, \"image_id\": 1, \"category_id\": 3, \"segmentation\": [[1,1,6,1,6,6,1,6]]}",
            "{\"id\": 31, \"image_id\": 1, \"category_id\": 3, \"segmentation\": [], \"bbox\": [20,10,10,10], \"area\": 1, \"iscrowd\": 0}",
            "{\"id\": 32, \"image_id\": 1, \"category_id\": 3, \"segmentation\": [[1,1,1,1,1,1]], \"bbox\": [-3,2,5,0], \"area\": 1, \"iscrowd\": 0}",
            to: "annotations")
        let (summary, samples) = try data.convert()
        #expect(
            Self.describe(summary.counts) == [
                "bbox.degenerate annotation kept 32", "bbox.outside annotation kept 31",
                "mask.missing annotation kept 31", "polygon.degenerate annotation kept 32",
                "schema.derived annotation kept 30",
            ])
        let objects = samples[0].objects.suffix(3).map { $0 }
        #expect(objects[0].area == 25 && objects[0].box == objects[0].mask.boundingBox && !objects[0].isCrowd)
        #expect(objects[1].box.maxX == 24 && objects[1].box.maxY == 18 && objects[1].mask.isEmpty)
        #expect(objects[2].mask.isEmpty && objects[2].box.area == 0)
    }

    @Test func failStopsAtTheFirstDrop() throws {
        var data = try SmallDataset()
        try data.write(Array("x".utf8), as: "b/large.png")
        let error = #expect(throws: PipelineError.self) { try data.convert { $0.dropPolicy = .fail } }
        #expect(error?.code == .dropped)
        #expect(error?.message.contains("image.undecodable") == true)
        #expect(error?.location?.imageID == "2")
        try data.add("{\"id\": 4, \"file_name\": \"gone.png\", \"width\": 3, \"height\": 3}", to: "images")
        let earlier = #expect(throws: PipelineError.self) { try data.convert { $0.dropPolicy = .fail } }
        #expect(earlier?.message.contains("image.missing") == true)
    }

    @Test func nothingLeftIsAnError() throws {
        var data = try SmallDataset()
        for name in ["a/small.png", "b/large.png", "b/empty.png"] { try data.write(Array("x".utf8), as: name) }
        let none = #expect(throws: PipelineError.self) { try data.convert() }
        #expect(none?.code == .noImages)
        let missing = #expect(throws: PipelineError.self) { try data.convert { $0.images += "/a" } }
        #expect(missing?.code == .missing)
        #expect(missing?.message.contains("a/a/small.png") == true)
        let nowhere = #expect(throws: PipelineError.self) { try data.convert { $0.images += "/nowhere" } }
        #expect(nowhere?.kind == .inputMissing)
        data.labels = ["images": [], "annotations": [], "categories": []]
        let empty = #expect(throws: PipelineError.self) { try data.convert() }
        #expect(empty?.code == .noImages)
    }

    /// The end marker is there and the pixels are not: only decoding finds it.
    @Test func decodingFindsDamageInside() throws {
        let data = try SmallDataset()
        var bytes = try FileSystem.read(data.images + "/b/large.png")
        for index in 60..<90 { bytes[index] ^= 0x55 }
        try data.write(bytes, as: "b/large.png")
        let (_, unchecked) = try data.convert()
        #expect(unchecked.count == 3)
        let (summary, checked) = try data.convert { $0.decodesImages = true }
        #expect(checked.map(\.imageID) == ["1", "3"])
        #expect(summary.counts.map(\.rule) == ["image.undecodable"])
    }

    @Test func ledgerKeepsAllIdsOfDropsAndAHundredOfNotes() {
        var ledger = FindingLedger()
        for index in 0..<300 {
            var part = FindingLedger()
            let finding = Finding(
                rule: "r", severity: index == 7 ? .error : .note, location: DataLocation(imageID: "\(index)"),
                message: "m")
            part.note(finding)
            part.drop(.image, finding)
            ledger.add(part)
        }
        #expect(ledger.counts.map(\.count) == [300, 300])
        #expect(ledger.counts.map(\.ids.count) == [100, 300])
        #expect(ledger.counts.map(\.isDrop) == [false, true])
        #expect(ledger.counts.map(\.severity) == [.error, .error])
        #expect(ledger.dropped(.image) == 300 && ledger.dropped(.annotation) == 0)
        #expect(ledger.examples.count == 40)
        #expect(ledger.firstDrop?.location.imageID == "0")
    }
}
