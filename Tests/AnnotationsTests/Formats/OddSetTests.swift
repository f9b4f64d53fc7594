import Annotations
import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Odd inputs that occur in the world: each has a rule, and nothing is lost without one.
@Suite struct OddSetTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let full = directory.file(path)
        try FileSystem.createDirectory((full as NSString).deletingLastPathComponent)
        try AtomicFileWriter.write(bytes, to: full)
    }

    func png(_ path: String, height: Int = 10, width: Int = 20) throws {
        try write(path, try SetSamples.png(height: height, width: width))
    }

    static func read(
        _ source: any LabelSource, at index: Int = 0, height: Int = 10, width: Int = 20
    ) throws -> (annotations: [COCOAnnotation], rules: [String], drops: [String]) {
        var findings: [LabelFinding] = []
        let annotations = try source.annotations(ofImage: index, height: height, width: width) { findings.append($0) }
        for finding in findings where finding.dropped == .annotations {
            #expect(finding.finding.location.annotationID != nil, "a drop without an id: \(finding.finding)")
        }
        return (
            annotations, findings.map(\.finding.rule), findings.filter { $0.dropped != nil }.map(\.finding.rule)
        )
    }

    // MARK: YOLO

    @Test func yoloLines() throws {
        try png("images/a.png")
        try write("data.yaml", "names: [cat, dog]\n")
        try write(
            "labels/a.txt",
            "\u{FEFF}0 0.5 0.5 0.2 0.4\r\n1 0.1 0.1 0.9 0.1 0.5 0.9\n\n0 0.1 0.1 0.9\n7 0.5 0.5 0.1 0.1\nx 0.5 0.5 0.1 0.1\n"
                + "0 nan 0.5 0.1 0.1\n0 40 50 10 10\n0 0.5 0.5 0 0.1\n0.0 0.5 0.5 0.1 0.1 0.75\n1 0.1 0.1 1.2 0.1 0.5 0.9\n"
        )
        let source = try YOLOSource(path: directory.path)
        let (annotations, rules, drops) = try Self.read(source)
        #expect(annotations.count == 4)
        #expect(annotations[0].bbox == Box(x: 8, y: 3, width: 4, height: 4))
        #expect(annotations[1].segmentation == .polygons([[2, 1, 18, 1, 10, 9]]))
        #expect(annotations[2].extra["score"]?.text == "0.75")
        #expect(annotations.map(\.categoryID) == [1, 2, 1, 2])
        #expect(annotations.map { $0.origin.position?.line } == [1, 2, 10, 11])
        #expect(
            drops == [
                LabelRule.badValue, LabelRule.unknownCategory, LabelRule.badValue, LabelRule.badValue,
                LabelRule.badValue,
                LabelRule.badValue,
            ])
        #expect(rules.contains(LabelRule.byteOrderMark) && rules.contains(LabelRule.repairedValue))
    }

    @Test func yoloFoldersWithOddNames() throws {
        try png("images/a.png")
        try png("images/b.png")
        try write("images/._a.png", [0, 5, 22, 7])
        try write("labels/a.txt", "0 0.5 0.5 0.2 0.4\n")
        try write("labels/lost.txt", "0 0.5 0.5 0.2 0.4\n")
        try write(
            "data.yaml",
            "path: /content/elsewhere\ntrain: ../train/images\nval: images\nnc: 3\nnames: {0: cat, 2: dog}\n")
        let source = try YOLOSource(path: directory.file("data.yaml"))
        #expect(source.images.map(\.fileName) == ["images/a.png", "images/b.png"])
        #expect(source.categories.map(\.id) == [1, 3])
        let rules = source.findings.map(\.finding.rule)
        #expect(rules.contains(LabelRule.appleDouble))
        #expect(source.findings.contains { $0.dropped == .images && $0.finding.rule == LabelRule.imageMissing })
        #expect(try Self.read(source, at: 1).rules == [LabelRule.noLabels])
    }

    /// Labels whose names went through another system still find their images.
    @Test func labelsOfDifferingNames() throws {
        try png("images/Caf\u{E9}.png")
        try png("images/B.PNG")
        try png("images/c.png")
        for name in ["Cafe\u{301}", "b", "c", "C"] { try write("labels/\(name).txt", "0 0.5 0.5 0.2 0.4\n") }
        try write("data.yaml", "names: [cat]\n")
        let yolo = try YOLOSource(path: directory.path)
        #expect(yolo.findings.map(\.finding.rule) == [LabelRule.nameCase, LabelRule.nameForm, LabelRule.imageMissing])
        for index in 0..<3 { #expect(try Self.read(yolo, at: index).annotations.count == 1) }
        let voc = try TemporaryDirectory()
        let xml =
            "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>"
        for name in ["Caf\u{E9}.png", "B.PNG"] {
            try AtomicFileWriter.write(try SetSamples.png(height: 10, width: 20), to: voc.file(name))
        }
        for name in ["Cafe\u{301}", "b", "lost"] { try AtomicFileWriter.write(xml, to: voc.file(name + ".xml")) }
        let source = try VOCSource(path: voc.path)
        #expect(
            Set(source.findings.map(\.finding.rule)) == [
                LabelRule.nameCase, LabelRule.nameForm, LabelRule.imageMissing,
            ])
        for index in 0..<2 { #expect(try Self.read(source, at: index).annotations.count == 1) }
    }

    @Test func yoloPartsByList() throws {
        try png("images/a.png")
        try png("images/b.png")
        try write("labels/b.txt", "0 0.5 0.5 0.2 0.4\n")
        try write("train.txt", "./images/b.png\n/somewhere/images/gone.png\n")
        try write("data.yaml", "train: train.txt\nnames: [cat]\n")
        var options = YOLOOptions()
        options.parts = ["train"]
        let source = try YOLOSource(path: directory.path, options: options)
        #expect(source.images.map(\.fileName) == ["images/b.png"])
        #expect(
            source.findings.filter { $0.dropped == .images }.map(\.finding.location.imageID) == [
                "/somewhere/images/gone.png"
            ])
        options.parts = ["test"]
        #expect(throws: AnnotationError.self) { try YOLOSource(path: directory.path, options: options) }
    }

    // MARK: Names

    @Test func namesAreForgiven() {
        let composed = "caf\u{E9}.png"
        let index = FileNameIndex(paths: ["A.png", "sub/b.png", composed, "x/same.png", "y/same.png"])
        #expect(index.match("A.png") == FileNameIndex.Match(path: "A.png"))
        #expect(index.match("a.png")?.rule == LabelRule.nameCase)
        #expect(index.match("sub\\b.png")?.rule == LabelRule.nameSeparator)
        #expect(index.match("./sub/b.png") == FileNameIndex.Match(path: "sub/b.png"))
        let decomposed = index.match("cafe\u{301}.png")
        #expect(decomposed?.rule == LabelRule.nameForm)
        #expect(decomposed?.path.utf8.elementsEqual(composed.utf8) == true)
        #expect(index.match("C:\\data\\b.png")?.rule == LabelRule.nameOutside)
        #expect(index.match("../../b.png")?.path == "sub/b.png")
        // Two are as good as each other.
        #expect(index.match("/data/same.png") == nil)
        #expect(index.match("none.png") == nil)
    }

    @Test func foldersThatLeadRound() throws {
        try png("a/x.png")
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("a/round"), withDestinationPath: directory.path)
        #expect(try FolderWalk(root: directory.path).files == ["a/x.png"])
    }

    // MARK: labelme

    @Test func labelmeShapes() throws {
        try png("Image.PNG")
        let mask = try SetSamples.png(height: 1, width: 1)
        _ = mask
        let small = try ImageCodec.encodePNG(gray: [255, 0, 255, 255], width: 2, height: 2)
        let picture = Data(small).base64EncodedString()
        func shape(_ kind: String, _ points: String, _ rest: String = "") -> String {
            "{\"label\":\"c\",\"shape_type\":\"\(kind)\",\"points\":\(points)\(rest)}"
        }
        let shapes = [
            shape("polygon", "[[1,1],[5,1],[5,5]]", ",\"group_id\":1"),
            shape("polygon", "[[8,1],[9,1],[9,5]]", ",\"group_id\":1"),
            shape("rectangle", "[[4,4],[1,1]]"), shape("circle", "[[10,5],[10,8]]"), shape("point", "[[1,1]]"),
            shape("line", "[[1,1],[2,2]]"), shape("polygon", "[[1,1],[2,2]]"),
            shape("polygon", "[[1,1],[2,\"x\"],[3,3]]"),
            shape("mask", "[[18,8],[19,9]]", ",\"mask\":\"\(picture)\""),
            shape("mask", "[[0,0]]", ",\"mask\":\"bm8=\""),
            "{\"points\":[[1,1],[2,2],[3,1]]}",
            shape("mask", "[[19,9]]", ",\"mask\":\"\(picture)\",\"flags\":{\"iscrowd\":true}"),
        ].joined(separator: ",")
        try write(
            "a.json",
            "{\"version\":\"5\",\"shapes\":[\(shapes)],\"imagePath\":\"..\\\\img\\\\image.png\",\"imageData\":null,\"imageHeight\":10,\"imageWidth\":20}"
        )
        try write("other.json", "{\"some\":1}")
        try write("broken.json", "{\"shapes\":[")
        let source = try LabelmeSource(path: directory.path)
        #expect(source.images.map(\.fileName) == ["Image.PNG"])
        #expect(source.framesAreUpright)
        #expect(
            Set(source.findings.map(\.finding.rule)) == [
                LabelRule.nameOutside, LabelRule.ignoredPart, LabelRule.unreadable,
            ])
        let (annotations, _, drops) = try Self.read(source)
        #expect(annotations.count == 5)
        guard case .polygons(let rings)? = annotations[0].segmentation else {
            Issue.record("the group is no polygon")
            return
        }
        #expect(rings.count == 2)
        #expect(annotations[1].segmentation == .polygons([[1, 1, 4, 1, 4, 4, 1, 4]]))
        let masks = try annotations.map { try #require($0.segmentation).rle(height: 10, width: 20) }
        #expect(abs(Double(masks[2].area) - Double.pi * 9) < 6)
        #expect(masks[3].area == 3)
        // A part outside of the image is cut off.
        #expect(masks[4].area == 1 && annotations[4].isCrowd)
        #expect(
            drops.sorted()
                == [
                    LabelRule.badValue, LabelRule.badValue, LabelRule.badValue, LabelRule.shapeKind,
                    LabelRule.shapeKind,
                    LabelRule.unreadable,
                ].sorted())
    }

    @Test func labelmeWithTheImageInside() throws {
        let image = try SetSamples.png(height: 10, width: 20)
        try write(
            "a.json",
            "{\"shapes\":[],\"imagePath\":\"gone.png\",\"imageData\":\"\(Data(image).base64EncodedString())\",\"imageHeight\":10,\"imageWidth\":20}"
        )
        let source = try LabelmeSource(path: directory.path)
        #expect(try source.encodedImage(at: 0) == image)
    }

    // MARK: VOC

    @Test func vocMasksWithColoursAndVoid() throws {
        try png("JPEGImages/a.png", height: 2, width: 4)
        try write(
            "Annotations/a.xml",
            "<annotation><size><width>4</width><height>2</height></size><object><name>cat</name><bndbox><xmin>0</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object><object><name>dog</name><bndbox><xmin>3</xmin><ymin>1</ymin><xmax>1</xmax><ymax>2</ymax></bndbox></object><object><bndbox/></object></annotation>"
        )
        // A tool has turned palette indexes into their colours: 1, void, and one that is in no palette.
        var pixels: [UInt8] = []
        for colour in [
            [128, 0, 0], [128, 0, 0], [224, 224, 192], [0, 0, 0], [128, 0, 0], [128, 0, 0], [1, 2, 3], [0, 0, 0],
        ] {
            pixels += colour.map { UInt8($0) }
        }
        try write("SegmentationObject/a.png", try ImageCodec.encodePNG(RGBImage(height: 2, width: 4, pixels: pixels)))
        let source = try VOCSource(path: directory.path)
        let (annotations, rules, drops) = try Self.read(source, height: 2, width: 4)
        #expect(drops == [LabelRule.badValue, LabelRule.badValue])
        #expect(rules.contains(LabelRule.unknownValue))
        #expect(annotations.count == 1)
        let mask = try #require(annotations[0].segmentation).rle(height: 2, width: 4)
        #expect(mask.area == 4)
        #expect(source.categories.first { $0.id == annotations[0].categoryID }?.name == "cat")
    }

    @Test func vocOfTheWrongSize() throws {
        try png("JPEGImages/a.png", height: 2, width: 4)
        try write("SegmentationClass/a.png", try ImageCodec.encodePNG(gray: [1, 1], width: 2, height: 1))
        try png("SegmentationClass/lost.png", height: 1, width: 1)
        let source = try VOCSource(path: directory.path)
        #expect(source.findings.map(\.finding.rule) == [LabelRule.imageMissing])
        #expect(try Self.read(source, height: 2, width: 4).drops == [LabelRule.sizeMismatch])
    }
}
