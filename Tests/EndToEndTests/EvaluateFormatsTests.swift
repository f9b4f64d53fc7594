import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata evaluate TRUTH PREDICTIONS` with truth and predictions of every format.
@Suite struct EvaluateFormatsTests {
    /// Three images with blocks that do not touch, of two classes; every second block is in the results, and the labels are
    /// converted to every format.
    private static func dataset() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        var images: [String] = []
        var annotations: [String] = []
        var results: [(id: Int, name: String, category: Int, rings: String)] = []
        for image in 1...3 {
            let name = "photo\(image)"
            try AtomicFileWriter.write(
                try ConvertFixture.image(width: 40, height: 30), to: directory.file("images/\(name).png"))
            images.append(#"{"id":\#(image * 7),"file_name":"\#(name).png","width":40,"height":30}"#)
            for object in 0..<3 {
                let (x, y, category) = (2 + 12 * object, image * 3, 1 + object % 2)
                let rings = "[[\(x),\(y),\(x + 10),\(y),\(x + 10),\(y + 10),\(x),\(y + 10)]]"
                annotations.append(
                    #"{"id":\#(10 * image + object),"image_id":\#(image * 7),"category_id":\#(category),"iscrowd":0,"area":100,"bbox":[\#(x),\#(y),10,10],"segmentation":\#(rings)}"#
                )
                if object > 0 { results.append((image * 7, name, category, rings)) }
            }
        }
        func list(_ id: (Int, String) -> String) -> String {
            "["
                + results.map {
                    #"{"image_id":\#(id($0.id, $0.name)),"category_id":\#($0.category),"score":0.5,"segmentation":\#($0.rings)}"#
                }.joined(separator: ",") + "]"
        }
        try AtomicFileWriter.write(
            #"{"images":[\#(images.joined(separator: ","))],"annotations":[\#(annotations.joined(separator: ","))],"categories":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#,
            to: directory.file("labels.json"))
        try AtomicFileWriter.write(list { id, _ in "\(id)" }, to: directory.file("by-id.json"))
        try AtomicFileWriter.write(list { _, name in "\"\(name)\"" }, to: directory.file("by-name.json"))
        return directory
    }

    private static func convert(_ format: String, in directory: TemporaryDirectory) throws {
        let run = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "--to", format, "-o", "set"], in: directory.path)
        try #require(run.status == 0, "\(run.stderr)")
    }

    private static func figures(_ arguments: [String], in directory: TemporaryDirectory) throws -> [Double?] {
        let run = try BuiltBinary.run(["evaluate"] + arguments + ["--json"], in: directory.path)
        try #require(run.status == 0, "\(run.stderr)")
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("evaluate-predictions").violations(of: document) == [])
        return document["figures"]?.array?.map { $0["value"]?.double } ?? []
    }

    static let formats = [
        "coco", "coco-panoptic", "yolo", "voc", "mask-folder", "labelme", "sa-1b", "cvat", "datumaro", "label-studio",
        "via", "tf-od", "shards",
    ]

    /// Formats that keep the ids of images; results of others know images by their names.
    private static let withIDs: Set = ["coco", "coco-panoptic", "sa-1b", "tf-od", "shards"]

    @Test(arguments: formats.indices) func everyFormatIsATruth(index: Int) throws {
        let format = Self.formats[index]
        let directory = try Self.dataset()
        try Self.convert(format, in: directory)
        // Folders of masks have no classes.
        let more = format == "mask-folder" ? ["--class-agnostic"] : []
        let expected = try Self.figures(["labels.json", "by-id.json"] + more, in: directory)
        // All of class b, and one of two of class a.
        if more.isEmpty { #expect(abs((expected[0] ?? 0) - (1 + 51.0 / 101) / 2) < 1e-9) }
        let truth = (format == "coco" ? ["set", "--format", "coco"] : ["set"]) + more
        let results = Self.withIDs.contains(format) ? "by-id.json" : "by-name.json"
        let found = try Self.figures([truth[0], results] + truth.dropFirst(), in: directory)
        #expect(found.count == 12)
        for (a, b) in zip(found, expected) { #expect(abs((a ?? -1) - (b ?? -1)) < 1e-9, "\(format): \(found)") }
    }

    /// Labels of a second annotator who agrees with the first, in any format.
    @Test(arguments: formats.indices) func everyFormatIsAPrediction(index: Int) throws {
        let format = Self.formats[index]
        let directory = try Self.dataset()
        try Self.convert(format, in: directory)
        let more = format == "mask-folder" ? ["--class-agnostic"] : []
        let option = (["coco", "coco-panoptic"].contains(format) ? ["--prediction-format", format] : []) + more
        let found = try Self.figures(["labels.json", "set", "--threads", "3"] + option, in: directory)
        #expect(found[0].map { abs($0 - 1) < 1e-9 } == true, "\(format): \(found)")
        #expect(found.count == 12)
        let back = try Self.figures(
            ["set", "labels.json", "--prediction-format", "coco", "--quality", "--resamples", "10"]
                + (format == "coco" ? ["--format", "coco"] : []) + more, in: directory)
        #expect(back[0].map { abs($0 - 1) < 1e-9 } == true, "\(format): \(back)")
    }

    /// Sizes that labels do not state are read from the images, which are looked for as by convert.
    @Test func imagesAreNamedWhereTheyAreElsewhere() throws {
        let directory = try Self.dataset()
        try Self.convert("yolo", in: directory)
        try FileManager.default.moveItem(atPath: directory.file("set/images"), toPath: directory.file("photos"))
        let gone = try BuiltBinary.run(["evaluate", "set", "by-name.json"], in: directory.path)
        #expect(gone.status == 65, "\(gone.stderr)")
        let found = try Self.figures(["set", "by-name.json", "--images", "photos"], in: directory)
        #expect(abs((found[0] ?? 0) - (1 + 51.0 / 101) / 2) < 1e-9)
    }

    @Test func mistakesAreNamed() throws {
        let directory = try Self.dataset()
        try Self.convert("labelme", in: directory)
        func run(_ arguments: String...) throws -> BuiltBinary.Outcome {
            try BuiltBinary.run(["evaluate"] + arguments, in: directory.path)
        }
        let scoreless = try run("labels.json", "labels.json")
        #expect(scoreless.status == 65 && scoreless.stderr.contains("--prediction-format coco"), "\(scoreless.stderr)")
        let unknown = try run("labels.json", "set", "--format", "yellow")
        #expect(unknown.status == 64 && unknown.stderr.contains("--format"), "\(unknown.stderr)")
        let panoptic = try run("labels.json", "set", "--panoptic", "--images", "x")
        #expect(panoptic.status == 64 && panoptic.stderr.contains("--images"), "\(panoptic.stderr)")
        // Other images altogether: no label can be compared.
        try AtomicFileWriter.write(
            String(decoding: FileSystem.read(directory.file("labels.json")), as: UTF8.self)
                .replacing("photo", with: "other"), to: directory.file("other.json"))
        let strange = try run("other.json", "set")
        #expect(strange.status == 65 && strange.stderr.contains("none of the labels"), "\(strange.stderr)")
        #expect(strange.stderr.contains("photo1.png"), "\(strange.stderr)")
    }
}
