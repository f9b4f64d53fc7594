import Annotations
import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// What labelling tools write: CVAT, Label Studio, VIA, panoptic pictures, maps, and SA-1B.
extension OddSetTests {
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
        #expect(annotations.count == 1 && annotations[0].extra["sa_id"]?.text == "5")
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
