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
        #expect(annotations[2].extra["score"]?.value == Array("0.75".utf8))
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

    // MARK: CVAT

    @Test func cvatMasksAndShapes() throws {
        let head = "<annotations><meta><task><labels><label><name>c</name></label></labels></task></meta>"
        let shapes = [
            "<mask label=\"c\" rle=\"1, 2, 1\" left=\"3\" top=\"4\" width=\"2\" height=\"2\" z_order=\"1\"/>",
            // Short runs are filled up, long ones refused.
            "<mask label=\"c\" rle=\"1, 2\" left=\"18\" top=\"9\" width=\"4\" height=\"4\"/>",
            "<mask label=\"c\" rle=\"1, 9\" left=\"0\" top=\"0\" width=\"2\" height=\"2\"/>",
            "<mask label=\"c\" rle=\"1, x\" left=\"0\" top=\"0\" width=\"2\" height=\"2\"/>",
            "<mask label=\"c\" rle=\"1\" left=\"0\" top=\"0\" width=\"99999999\" height=\"99999999\"/>",
            "<polygon label=\"c\" points=\"1,1;5,1;5,5\" group_id=\"2\"/>",
            "<polygon label=\"c\" points=\"8,1;9,1;9,5\" group_id=\"2\"/>",
            "<polygon label=\"c\" points=\"1,1;5,1;5\"/>", "<box label=\"c\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"3\"/>",
            "<box label=\"c\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\" rotation=\"45\"/>",
            "<points label=\"c\" points=\"1,1\"/>",
            "<ellipse label=\"c\" cx=\"5\" cy=\"5\" rx=\"3\" ry=\"2\"/>",
            "<box label=\"d\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"3\"/>", "<tag label=\"c\"/>",
        ].joined()
        try write(
            "annotations.xml",
            head
                + "<!-- <image name=\"no\"> --><image id=\"0\" name=\"a>b.png\" width=\"20\" height=\"10\">\n\(shapes)</image>"
                + "<image id=\"1\" name=\"a>b.png\"/><image id=\"2\"/></annotations>")
        let source = try CVATSource(path: directory.path)
        #expect(source.images.map(\.fileName) == ["a>b.png"])
        #expect(source.findings.map(\.finding.rule) == [LabelRule.duplicateImage, LabelRule.badValue])
        let (annotations, rules, drops) = try Self.read(source)
        #expect(
            drops == [
                "rle.sum", "rle.count", LabelRule.badValue, LabelRule.badValue, LabelRule.shapeKind,
                LabelRule.unknownCategory,
            ])
        #expect(rules.contains(LabelRule.repairedValue))
        // The first in the file has the highest z_order, and so comes last.
        let last = try #require(annotations.last?.segmentation).rle(height: 10, width: 20)
        #expect(last.bitmap()[4, 4] && last.bitmap()[5, 3] && last.area == 2)
        let cut = try #require(annotations.first?.segmentation).rle(height: 10, width: 20)
        #expect(cut.area == 1 && cut.bitmap()[9, 19])
        #expect(annotations.count == 6)
        #expect(annotations[2].bbox == Box(x: 1, y: 1, width: 4, height: 2))
        let turned = try #require(annotations[3].segmentation).rle(height: 10, width: 20)
        #expect(abs(turned.area - 16) <= 4 && turned.bitmap()[3, 3] && !turned.bitmap()[1, 1])
    }

    // MARK: Label Studio

    @Test func labelStudioTasks() throws {
        try png("up/My image.png")
        func result(_ kind: String, _ value: String, _ rest: String = "") -> String {
            "{\"type\":\"\(kind)\",\"original_width\":20,\"original_height\":10,\"value\":{\(value),\"\(kind)\":[\"c\"]}\(rest)}"
        }
        let results = [
            result("rectanglelabels", "\"x\":10,\"y\":20,\"width\":50,\"height\":40,\"rotation\":0"),
            result("rectanglelabels", "\"x\":50,\"y\":0,\"width\":20,\"height\":40,\"rotation\":90"),
            result("polygonlabels", "\"points\":[[10,10],[50,10],[50,50]]"),
            result("polygonlabels", "\"points\":[[10,10],[50,10]]"),
            result("ellipselabels", "\"x\":50,\"y\":50,\"radiusX\":10,\"radiusY\":20"),
            result("brushlabels", "\"format\":\"rle\",\"rle\":[0,0,0,1]"), result("keypointlabels", "\"x\":1,\"y\":1"),
            "{\"type\":\"choices\",\"value\":{\"choices\":[\"good\"]}}",
            result("polygonlabels", "\"points\":[[10,10],[50,10],[50,50]]", ",\"image_rotation\":90"),
        ].joined(separator: ",")
        let annotations =
            "[{\"was_cancelled\":true,\"result\":[]},{\"result\":[]},{\"ground_truth\":true,\"result\":[\(results)]}]"
        try write(
            "tasks.json",
            "[{\"id\":7,\"data\":{\"image\":\"/data/upload/3/0a1b2c3d-My%20image.png\"},\"annotations\":\(annotations)},{\"id\":8,\"data\":{\"text\":\"no image\"}},"
                + "{\"image\":\"http://host/a/b.png?x=1\",\"id\":9,\"label\":[{\"x\":0,\"y\":0,\"width\":50,\"height\":50,\"rotation\":0,\"rectanglelabels\":[\"d\"],\"original_width\":20,\"original_height\":10}]}]"
        )
        let source = try LabelStudioSource(path: directory.file("tasks.json"), images: directory.file("up"))
        #expect(source.images.map(\.fileName) == ["My image.png", "b.png"])
        #expect(source.categories.map(\.name) == ["c", "d"])
        #expect(source.findings.map(\.finding.rule) == [LabelRule.ignoredPart, LabelRule.badValue])
        let (read, rules, drops) = try Self.read(source)
        #expect(drops == [LabelRule.badValue, LabelRule.unreadable, LabelRule.badValue])
        #expect(rules.filter { $0 == LabelRule.ignoredPart }.count == 2)
        #expect(read[0].bbox == Box(x: 2, y: 2, width: 10, height: 4))
        // Turned around its corner at (10, 0): to the left and down.
        let turned = try #require(read[1].segmentation).rle(height: 10, width: 20)
        #expect(turned.boundingBox == Box(x: 6, y: 0, width: 4, height: 4))
        #expect(read[2].segmentation == .polygons([[2, 1, 10, 1, 10, 5]]))
        #expect(try Self.read(source, at: 1).annotations.map(\.bbox) == [Box(x: 0, y: 0, width: 10, height: 5)])
    }

    // MARK: VIA

    @Test func viaOfEveryVersion() throws {
        let region =
            "{\"shape_attributes\":{\"name\":\"polygon\",\"all_points_x\":[1,5,5],\"all_points_y\":[1,1,5]},\"region_attributes\":{\"class\":\"c\"}}"
        let rect =
            "{\"shape_attributes\":{\"name\":\"rect\",\"x\":1,\"y\":2,\"width\":3,\"height\":4},\"region_attributes\":{\"class\":{\"d\":true,\"c\":false}}}"
        let bad =
            "{\"shape_attributes\":{\"name\":\"polygon\",\"all_points_x\":[1],\"all_points_y\":[1,1]},\"region_attributes\":{\"class\":\"c\"}}"
        let point =
            "{\"shape_attributes\":{\"name\":\"point\",\"cx\":1,\"cy\":1},\"region_attributes\":{\"class\":\"c\"}}"
        try png("a.png")
        try write(
            "one.json",
            "{\"a.png123\":{\"filename\":\"a.png\",\"size\":123,\"regions\":{\"0\":\(region),\"1\":\(rect)},\"file_attributes\":{}}}"
        )
        try write(
            "two.json",
            "{\"_via_settings\":{},\"_via_img_metadata\":{\"a.png123\":{\"filename\":\"a.png\",\"size\":123,\"regions\":[\(region),\(rect),\(bad),\(point)]}},\"_via_attributes\":{}}"
        )
        try write(
            "three.json",
            "{\"project\":{},\"config\":{},\"attribute\":{\"1\":{\"aname\":\"class\",\"options\":{\"0\":\"c\",\"1\":\"d\"}}},\"file\":{\"5\":{\"fid\":\"5\",\"fname\":\"a.png\"}},"
                + "\"metadata\":{\"x\":{\"vid\":\"3\",\"xy\":[7,1,1,5,1,5,5],\"av\":{\"1\":\"0\"}},\"y\":{\"vid\":\"3\",\"xy\":[2,1,2,3,4],\"av\":{\"1\":\"1\"}},\"z\":{\"vid\":\"9\",\"xy\":[1,1,1]}},\"view\":{\"3\":{\"fid_list\":[\"5\"]}}}"
        )
        for name in ["one", "two", "three"] {
            let source = try VIASource(path: directory.file(name + ".json"))
            #expect(source.images.map(\.fileName) == ["a.png"], "\(name)")
            #expect(source.categories.map(\.name) == ["c", "d"], "\(name)")
            let (annotations, _, drops) = try Self.read(source)
            #expect(annotations.map(\.categoryID) == [1, 2], "\(name)")
            #expect(annotations[0].segmentation == .polygons([[1, 1, 5, 1, 5, 5]]))
            #expect(annotations[1].bbox == Box(x: 1, y: 2, width: 3, height: 4))
            #expect(drops == (name == "two" ? [LabelRule.badValue, LabelRule.shapeKind] : []))
            #expect(source.findings.count == (name == "three" ? 1 : 0))
        }
        var options = VIAOptions()
        options.classAttribute = "kind"
        #expect(throws: AnnotationError.self) { try VIASource(path: directory.file("two.json"), options: options) }
    }

    // MARK: Panoptic

    @Test func panopticSegments() throws {
        // 2 x 3 pixels: ids 1, 1, 258 / 0, 7, 258.
        let pixels: [UInt8] = [1, 0, 0, 1, 0, 0, 2, 1, 0, 0, 0, 0, 7, 0, 0, 2, 1, 0]
        try write("p/a.png", try ImageCodec.encodePNG(RGBImage(height: 2, width: 3, pixels: pixels)))
        let segments = [
            "{\"id\":1,\"category_id\":3,\"area\":2,\"iscrowd\":1}",
            "{\"id\":258,\"category_id\":3,\"area\":99,\"iscrowd\":0}",
            "{\"id\":5,\"category_id\":3}", "{\"id\":1,\"category_id\":3}", "{\"id\":7,\"category_id\":4}",
            "{\"category_id\":3}",
        ].joined(separator: ",")
        try write(
            "p.json",
            "{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\",\"width\":3,\"height\":2},{\"id\":1,\"file_name\":\"b.jpg\"},{\"id\":2,\"file_name\":\"c.jpg\"}],"
                + "\"annotations\":[{\"image_id\":1,\"file_name\":\"a.png\",\"segments_info\":[\(segments)]},{\"image_id\":9,\"file_name\":\"x.png\",\"segments_info\":[]}],"
                + "\"categories\":[{\"id\":3,\"name\":\"c\",\"isthing\":1},{\"id\":3,\"name\":\"twice\"}]}")
        let source = try PanopticSource(path: directory.file("p.json"))
        #expect(source.findings.map(\.dropped) == [.images, .annotations, .categories])
        let (annotations, rules, drops) = try Self.read(source, height: 2, width: 3)
        #expect(annotations.map(\.isCrowd) == [true, false])
        #expect(annotations.map(\.area) == [2, 2])
        #expect(drops == [LabelRule.badValue, LabelRule.duplicateID, LabelRule.unknownCategory, LabelRule.badValue])
        #expect(rules.contains(LabelRule.statedArea))
        #expect(try Self.read(source, at: 1, height: 2, width: 3).rules == [LabelRule.noLabels])
        // Another size is no mask of the image.
        #expect(try Self.read(source, height: 3, width: 2).drops.allSatisfy { $0 == LabelRule.sizeMismatch })
    }

    // MARK: Maps

    @Test func lossyMasksAreRoundedToClasses() throws {
        try png("images/a.png", height: 16, width: 16)
        var image = RGBImage(height: 16, width: 16, filling: RGBColour(250, 3, 2))
        for row in 0..<16 { for column in 8..<16 { image[row, column] = RGBColour(1, 2, 251) } }
        try write("masks/a.jpg", try ImageCodec.encodeJPEG(image))
        try write("labelmap.txt", "background:0,0,0::\nred:255,0,0::\nblue:0,0,255::\n")
        let source = try MaskFolderSource(path: directory.path)
        let (annotations, rules, drops) = try Self.read(source, height: 16, width: 16)
        #expect(drops == [])
        #expect(rules == [LabelRule.lossyMask])
        #expect(annotations.map(\.area) == [128, 128])
    }

    @Test func unknownValuesAreTold() throws {
        try png("images/a.png", height: 1, width: 4)
        try write("masks/a.png", try ImageCodec.encodePNG(gray: [0, 1, 9, 255], width: 4, height: 1))
        try write("classes.txt", "background\ncell\n")
        let (annotations, rules, drops) = try Self.read(try MaskFolderSource(path: directory.path), height: 1, width: 4)
        #expect(annotations.map(\.area) == [1])
        #expect(drops == [LabelRule.unknownValue])
        // 255 is void by custom.
        #expect(rules == [LabelRule.unknownValue, LabelRule.unknownValue])
        var options = MaskFolderOptions()
        options.kind = .colourMap
        #expect(throws: AnnotationError.self) { try MaskFolderSource(path: directory.path, options: options) }
    }

    // MARK: SA-1B

    @Test func segmentAnythingFiles() throws {
        try png("sa_1.png", height: 2, width: 2)
        try png("sa_2.png", height: 2, width: 2)
        let good = "{\"id\":5,\"segmentation\":{\"size\":[2,2],\"counts\":\"04\"},\"bbox\":[0,0,2,2],\"area\":4}"
        let none = "{\"id\":6}"
        let image = "\"image\":{\"image_id\":1,\"width\":2,\"height\":2,\"file_name\":\"sa_1.jpg\"}"
        try write("sa_1.json", "{\(image),\"annotations\":[\(good),\(none)]}")
        try write("sa_2.json", "{\(image),\"annotations\":[]}")
        try write("sa_3.json", "{\(image),\"annotations\":[]}")
        try write("meta.json", "{}")
        let source = try SegmentAnythingSource(path: directory.path)
        #expect(source.images.map(\.fileName) == ["sa_1.png"])
        #expect(
            Set(source.findings.map(\.finding.rule)) == [
                LabelRule.duplicateImage, LabelRule.imageMissing, LabelRule.ignoredPart,
            ])
        let (annotations, _, drops) = try Self.read(source, height: 2, width: 2)
        #expect(drops == [LabelRule.badValue])
        #expect(annotations.count == 1 && annotations[0].extra["sa_id"]?.value == Array("5".utf8))
    }

    @Test func segmentAnythingNames() throws {
        let ids: [COCOIdentifier] = [7, 7, "x", -3]
        let images = try ids.enumerated().map { index, id in
            var image = try SetSamples.image(Int64(index), name: "n.png", height: 2, width: 2, [])
            image.image.id = id
            return image
        }
        var options = SegmentAnythingOptions()
        options.isTar = false
        options.jpegQuality = 90
        let writer = try SegmentAnythingWriter(root: directory.path, categories: [], options: options)
        _ = try SetSamples.write(images, with: writer)
        let names = try FileSystem.list(directory.path)
        #expect(names.filter { $0.hasSuffix(".jpg") } == ["sa_1.jpg", "sa_2.jpg", "sa_3.jpg", "sa_7.jpg"])
    }

    @Test func tarFilesAreDivided() throws {
        var options = SegmentAnythingOptions()
        options.tarBytes = 1
        let writer = try SegmentAnythingWriter(
            root: directory.path, categories: SetSamples.categories, options: options)
        _ = try SetSamples.write(try SetSamples.images(), with: writer)
        #expect(try FileSystem.list(directory.path) == (0..<4).map { "sa_00000\($0).tar" })
        #expect(try SegmentAnythingSource(path: directory.path).images.count == 4)
    }
}
