import Annotations
import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Layouts in which sets are found in the world are known for what they are.
@Suite struct KnownLayoutTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        try FileSystem.createDirectory(FileSystem.folder(of: directory.file(path)))
        try AtomicFileWriter.write(bytes, to: directory.file(path))
    }

    private func png(_ path: String) throws { try write(path, try SetSamples.png(height: 10, width: 20)) }

    private func detected(_ path: String) throws -> LabelFormat? { try LabelFormat.detect(directory.file(path)) }

    private static let coco = "{\"images\": [], \"annotations\": [], \"categories\": []}"
    private static let panoptic =
        "{\"images\": [], \"annotations\": [{\"segments_info\": []}], \"categories\": []}"

    @Test func foldersAreRecognised() throws {
        try write("coco/annotations/captions_train.json", "{\"images\": [], \"annotations\": [{\"caption\": \"\"}]}")
        try write("coco/annotations/instances_train.json", Self.coco)
        try write("coco/annotations/panoptic_train.json", Self.panoptic)
        try png("coco/images/train/a.png")
        try write("panoptic/annotations/panoptic_train.json", Self.panoptic)
        try png("cvat/images/a.png")
        try write("cvat/train.xml", "<annotations><version>1.1</version></annotations>")
        try png("voc/images/a.png")
        try write("voc/annotations/a.xml", "<annotation><object><bndbox/></object></annotation>")
        try png("old/Images/s/a.png")
        try png("old/Masks/s/a_mask_0.png")
        try write("old/Annotations/s/a.xml", "<annotation><object><polygon><pt/></polygon></object></annotation>")
        try png("yolo/1.png")
        try write("yolo/1.txt", "0 0.5 0.5 0.1 0.1\n")
        try png("yolo2/images/1.png")
        try write("yolo2/labels/1.txt", "3 0.1 0.1 0.5 0.1 0.5 0.5\n")
        try png("notes/1.png")
        try write("notes/1.txt", "0 a cat on a mat in a flat\n")
        for (path, format) in [
            ("coco", LabelFormat.coco), ("panoptic", .panoptic), ("cvat", .cvat), ("voc", .voc), ("old", nil),
            ("yolo", .yolo), ("yolo2", .yolo), ("notes", nil),
        ] {
            #expect(try detected(path) == format, "\(path)")
        }
    }

    /// COCO's own folders: of several files, the subset says which.
    @Test func cocoFilesInFolders() throws {
        try write("a/annotations/instances_train.json", Self.coco)
        try write("a/annotations/person_keypoints_train.json", Self.coco)
        let folder = directory.file("a")
        #expect(try LabelFormat.coco.labelFile(at: folder) == folder + "/annotations/instances_train.json")
        try write("a/annotations/instances_val.json", Self.coco)
        let error = #expect(throws: AnnotationError.self) { try LabelFormat.coco.labelFile(at: folder) }
        #expect(error?.message.contains("instances_train, instances_val") == true)
        #expect(
            try LabelFormat.coco.labelFile(at: folder, subset: "val") == folder + "/annotations/instances_val.json")
        #expect(throws: AnnotationError.self) { try LabelFormat.coco.labelFile(at: folder, subset: "test") }
        try write("b/labels.json", Self.coco)
        #expect(try LabelFormat.coco.labelFile(at: directory.file("b")) == directory.file("b/labels.json"))
    }

    // MARK: Label Studio

    private static func task(_ id: Int, _ image: String) -> String {
        "{\"id\": \(id), \"data\": {\"image\": \(JSONValue.string(image).text())}, \"annotations\": [{\"result\": [{\"type\": \"rectanglelabels\", \"original_width\": 20, \"original_height\": 10, \"value\": {\"x\": 10, \"y\": 10, \"width\": 50, \"height\": 50, \"rotation\": 0, \"rectanglelabels\": [\"c\"]}}]}]}"
    }

    /// Files of one name in several folders are told apart by the end of their paths.
    @Test func labelStudioPathsOfStorages() throws {
        for path in ["images/a/1.png", "images/b/1.png", "images/c.png"] { try png(path) }
        let tasks = [
            Self.task(1, "/data/local-files/?d=images/a/1.png"), Self.task(2, "/data/local-files/?d=images/b/1.png"),
            Self.task(3, "s3://bucket/deep/down/c.png"),
        ]
        try write("tasks.json", "[" + tasks.joined(separator: ",") + "]")
        let source = try LabelStudioSource(path: directory.file("tasks.json"), images: directory.file("images"))
        #expect(source.images.map(\.fileName) == ["a/1.png", "b/1.png", "c.png"] && source.findings.isEmpty)
    }

    /// Without a folder of images, they lie beside the file; uploads have a prefix.
    @Test func labelStudioImagesBesideTheFile() throws {
        try png("x/i.png")
        try write("x/t.json", "[" + Self.task(1, "/data/upload/1/abcdef12-i.png") + "]")
        let source = try LabelStudioSource(path: directory.file("x/t.json"))
        #expect(source.images.map(\.fileName) == ["i.png"])
        #expect(source.imagesDirectory == directory.file("x"))
    }

    /// What was written comes back, folders and all.
    @Test func labelStudioFoldersComeBack() throws {
        let images = try ["a/1.png", "b/1.png"].enumerated().map {
            try SetSamples.image(Int64($0 + 1), name: $1, [SetSamples.object(1, SetSamples.disjoint[$0])])
        }
        _ = try SetSamples.write(
            images, with: try LabelStudioWriter(root: directory.path, categories: SetSamples.categories))
        let source = try #require(try LabelFormat.labelStudio.labelSource(at: directory.path))
        #expect(source.images.map(\.fileName) == ["a/1.png", "b/1.png"] && source.findings.isEmpty)
    }

    // MARK: Others

    @Test func vocWithoutImagesSaysSo() throws {
        for name in ["a", "b"] { try write("v/Annotations/\(name).xml", "<annotation/>") }
        let error = #expect(throws: AnnotationError.self) { try VOCSource(path: directory.file("v")) }
        #expect(
            error?.message.contains("2 XML files") == true && error?.message.contains("none of their images") == true)
    }

    /// A JPEG of black and white is a mask; one of many values is no map of objects.
    @Test func lossyMapsOfOneObject() throws {
        try write("m/images/a.png", try SetSamples.png(height: 48, width: 48))
        var image = RGBImage(height: 48, width: 48, filling: RGBColour(0, 0, 0))
        for row in 8..<40 { for column in 8..<24 { image[row, column] = RGBColour(255, 255, 255) } }
        try write("m/masks/a.jpg", try ImageCodec.encodeJPEG(image, quality: 70))
        let read = try #require(try SetSamples.read(try MaskFolderSource(path: directory.file("m")))["a"])
        let mask = try #require(read.objects.first?.mask)
        #expect(read.objects.count == 1 && abs(mask.area - 32 * 16) < 20)
        #expect(read.findings.contains { $0.finding.rule == LabelRule.lossyMask && $0.dropped == nil })
        for row in 0..<48 { for column in 0..<48 { image[row, column] = RGBColour(100, 100, 100) } }
        try write("m/masks/a.jpg", try ImageCodec.encodeJPEG(image))
        let gray = try #require(try SetSamples.read(try MaskFolderSource(path: directory.file("m")))["a"])
        #expect(gray.objects.isEmpty && gray.findings.contains { $0.dropped == .annotations })
    }

    /// The parts of a split, and one file that leads to all of them.
    @Test func yoloSplitsHaveOneFileForAll() throws {
        for part in ["train", "val", "x"] {
            var options = LabelWriteOptions()
            options.yolo.writtenPart = part
            options.yolo.isOfSplit = true
            let writer = try #require(
                try LabelFormat.yolo.labelWriter(
                    to: directory.file("y/" + part), categories: SetSamples.categories, options: options))
            let object = SetSamples.object(1, SetSamples.disjoint[1])
            _ = try SetSamples.write([try SetSamples.image(1, name: part + ".png", [object])], with: writer)
            let own = try String(decoding: FileSystem.read(directory.file("y/\(part)/data.yaml")), as: UTF8.self)
            #expect(own.contains("\n\(part): images\n") && own.components(separatedBy: ": images").count == 2)
        }
        _ = try YOLOSplit.write(["train", "val", "x"], categories: SetSamples.categories, to: directory.file("y"))
        #expect(try detected("y") == .yolo)
        for (parts, names) in [
            (nil, ["train/images/train.png", "val/images/val.png", "x/images/x.png"]),
            (["val"], ["val/images/val.png"]),
        ] as [([String]?, [String])] {
            var options = YOLOOptions()
            options.parts = parts
            let source = try YOLOSource(path: directory.file("y"), options: options)
            #expect(source.images.map(\.fileName) == names)
            for index in source.images.indices {
                #expect(try source.annotations(ofImage: index, height: 8, width: 12) { _ in }.count == 1)
            }
        }
        // Programs want both keys, whatever the parts are called.
        _ = try YOLOSplit.write(["a", "validation"], categories: [], to: directory.file("y"))
        let text = try String(decoding: FileSystem.read(directory.file("y/data.yaml")), as: UTF8.self)
        #expect(text.contains("train: a/images\n") && text.contains("val: validation/images\n"))
    }

    @Test func sizesAreWidthByHeight() {
        let error = #expect(throws: MaskError.self) {
            try Segmentation.runs(height: 5, width: 10, counts: [50]).rle(height: 10, width: 5)
        }
        #expect(error?.message == "the mask is 10 x 5, the image 5 x 10")
    }
}
