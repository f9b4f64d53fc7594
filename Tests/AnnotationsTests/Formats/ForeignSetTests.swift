import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Sets that others wrote; expected values were read from their files by hand or by the tools that they are from.
@Suite(.enabled(if: Repository.sharedData("datumaro-assets") != nil, "needs ../shared/data"))
struct ForeignSetTests {
    static func shared(_ path: String) throws -> String { try #require(Repository.sharedData(path)) }

    static func open(
        _ format: LabelFormat, _ path: String, _ options: LabelReadOptions = LabelReadOptions()
    ) throws -> any LabelSource {
        try #require(try format.labelSource(at: try shared(path), options: options))
    }

    @Test func yoloOfDatumaro() throws {
        for path in ["yolo_dataset/labels", "yolo_dataset/annotations", "yolo_dataset/strict"] {
            let source = try Self.open(.yolo, "datumaro-assets/" + path)
            #expect(source.categories.count == 10)
            #expect(source.categories[2].name == "label_2")
            let read = try SetSamples.read(source)
            let objects = try #require(read["1"]).objects
            #expect(objects.map(\.category) == ["label_2", "label_4"])
            // 15 x 10 pixels: 0.133333 0.3 0.266667 0.2 is the box 0, 2, 4, 2.
            let box = try #require(objects.first?.box)
            #expect(
                abs(box.x) < 1e-4 && abs(box.y - 2) < 1e-4 && abs(box.width - 4) < 1e-4 && abs(box.height - 2) < 1e-4)
            #expect(source.findings == [], "\(path)")
        }
    }

    @Test func yoloOfRoboflowLeadsToOtherFolders() throws {
        let source = try Self.open(.yolo, "datumaro-assets/roboflow_dataset/yolo")
        #expect(source.categories.map(\.name) == ["label_0", "label_1"])
        #expect(
            Set(source.images.map(\.fileName)).isSuperset(of: [
                "train/images/train_001.jpg", "train/images/train_002.jpg",
            ]))
        // data.yaml calls the folder "valid", and it is "val".
        #expect(source.findings.contains { $0.finding.rule == LabelRule.repairedValue })
        #expect(try #require(try SetSamples.read(source)["train_001"]).objects.count == 1)
    }

    @Test func yoloOutlinesOfCOCO128() throws {
        var options = LabelReadOptions()
        options.images = try Self.shared("coco128-multi/images")
        let source = try Self.open(.yolo, "coco128-multi/instance_segmentation", options)
        #expect(source.images.count == 8)
        // Class numbers are COCO's own.
        #expect(source.categories.first { $0.name == "person" }?.id == 1)
        let read = try SetSamples.read(source)
        let lines = try String(
            contentsOfFile: try Self.shared("coco128-multi/instance_segmentation/labels/val2017/000000000785.txt"),
            encoding: .utf8
        ).split(separator: "\n").count
        #expect(try #require(read["000000000785"]).objects.count == lines)
        for image in read.values {
            #expect(image.findings == [])
            #expect(image.objects.allSatisfy { $0.mask?.isEmpty == false })
        }
    }

    @Test func vocOfDatumaro() throws {
        let source = try Self.open(.voc, "datumaro-assets/voc_dataset/voc_dataset1")
        #expect(source.findings.filter { $0.dropped != nil } == [])
        let read = try SetSamples.read(source)
        let objects = try #require(read["2007_000001"]).objects
        // XML: cat at 1,2,3,4 and person at 4,5,6,7, both counted from 1; the masks have objects of their own.
        let boxes = objects.filter { $0.mask == nil }
        #expect(boxes.map(\.category) == ["cat", "person"])
        #expect(boxes.map(\.box) == [Box(x: 0, y: 1, width: 3, height: 3), Box(x: 3, y: 4, width: 3, height: 3)])
        let map = try ImageCodec.decodeLabels(
            FileSystem.read(
                try Self.shared("datumaro-assets/voc_dataset/voc_dataset1/SegmentationObject/2007_000001.png")))
        let numbers = Set(map.values).subtracting([0, 255])
        #expect(objects.count - boxes.count == numbers.count)
        #expect(try #require(read["2007_000002"]).objects.isEmpty)
        // Missing images, and an image called @.
        let second = try LabelFormat.voc.labelSource(at: Self.shared("datumaro-assets/roboflow_dataset/voc/train"))
        let other = try SetSamples.read(try #require(second))
        #expect(try #require(other["train_001"]).objects.map(\.box) == [Box(x: 1, y: 0, width: 4, height: 2)])
    }

    @Test func panopticOfItsAuthors() throws {
        let root = try Self.shared("panoptic-sample")
        let names = try FolderWalk(root: root).files
        let json = try #require(names.first { $0.hasSuffix("panoptic_examples.json") })
        let source = try PanopticSource(path: FileSystem.join(root, json))
        #expect(source.findings == [])
        for (index, image) in source.images.enumerated() {
            var findings: [LabelFinding] = []
            let annotations = try source.annotations(
                ofImage: index, height: try #require(image.height), width: try #require(image.width)
            ) { findings.append($0) }
            // Areas that were stated are those of the masks: no finding says otherwise.
            #expect(findings == [], "\(image.fileName)")
            #expect(!annotations.isEmpty)
        }
        let coco = try PanopticSource(
            path: try Self.shared("coco128-multi/panoptic_segmentation/annotations/panoptic_val2017.json"))
        #expect(coco.images.count >= 8)
    }

    @Test func labelmeOfTony() throws {
        let source = try Self.open(.labelme, "labelme-tony/images")
        #expect(Set(source.categories.map(\.name)) == ["date", "fig", "hazelnut"])
        #expect(!source.images.isEmpty)
        for (index, image) in source.images.enumerated() {
            var findings: [LabelFinding] = []
            let (height, width) = (image.height ?? 600, image.width ?? 800)
            let annotations = try source.annotations(ofImage: index, height: height, width: width) {
                findings.append($0)
            }
            #expect(!annotations.isEmpty)
            #expect(findings == [])
            for annotation in annotations {
                #expect(try annotation.segmentation?.rle(height: height, width: width).isEmpty == false)
            }
        }
    }

    @Test func cvatOfDatumaro() throws {
        let source = try Self.open(.cvat, "datumaro-assets/cvat_dataset/for_images/export_task/train.xml")
        #expect(source.categories.map(\.name) == ["label1", "label2"])
        #expect(source.images.map(\.fileName) == ["img0.jpg", "img1.jpg"])
        let read = try SetSamples.read(source)
        let objects = try #require(read["img0"])
        #expect(objects.objects.map(\.box) == [Box(x: 0, y: 2, width: 4, height: 2)])
        // A polyline without a label, and later a polygon without one and points.
        #expect(objects.findings.map(\.finding.rule) == [LabelRule.unknownCategory])
        #expect(
            try #require(read["img1"]).findings.map(\.finding.rule) == [LabelRule.unknownCategory, LabelRule.shapeKind])
        let project = try Self.open(.cvat, "datumaro-assets/cvat_dataset/for_images/export_project")
        #expect(project.images.map(\.fileName).contains("Test/img0.jpg"))
        // Tracks of points and lines cover no area, which is told.
        let video = try Self.open(.cvat, "datumaro-assets/cvat_dataset/for_video/annotations.xml")
        #expect(
            video.findings.filter { $0.dropped == .annotations }.map(\.finding.rule)
                == [LabelRule.shapeKind, LabelRule.shapeKind])
    }

    @Test func segmentAnythingOfDatumaro() throws {
        let source = try Self.open(.segmentAnything, "datumaro-assets/segment_anything_dataset")
        #expect(source.images.map(\.id) == [1, 2])
        #expect(source.images.map(\.fileName) == ["a.jpg", "b.jpg"])
        let first = try source.annotations(ofImage: 0, height: 5, width: 10) { _ in }
        let mask = try #require(first.first?.segmentation).rle(height: 5, width: 10)
        #expect(mask.area == 4 && mask.boundingBox == Box(x: 3, y: 1, width: 1, height: 4))
        #expect(first[0].extra["predicted_iou"] != nil)
    }

    @Test func datumaroOfDatumaro() throws {
        let source = try Self.open(.datumaro, "datumaro-assets/datumaro_dataset/legacy")
        #expect(source.categories.map(\.name) == ["car", "bicycle", "tom", "mary"])
        #expect(Set(source.images.map(\.fileName)) == ["train/a.jpg", "train/b.jpg", "test/c.jpg", "validation/d.jpg"])
        // Classes of whole images are told and ignored.
        let a = try #require(source.images.firstIndex { $0.fileName == "train/a.jpg" })
        var findings: [LabelFinding] = []
        #expect(try source.annotations(ofImage: a, height: 5, width: 5) { findings.append($0) } == [])
        #expect(findings.map(\.finding.rule) == [LabelRule.ignoredPart])
    }

    @Test func classMapsOfOthers() throws {
        let source = try Self.open(.masks, "datumaro-assets/common_semantic_segmentation_dataset/dataset")
        #expect(source.categories.map(\.name) == ["Animal", "Archway", "Bicyclist", "Child", "Road"])
        let read = try SetSamples.read(source)
        #expect(read.count == 2)
        #expect(read.values.contains { !$0.objects.isEmpty })
        let kaggle = try Self.open(.masks, "datumaro-assets/kaggle_dataset/image_mask_with_labelmap")
        #expect(kaggle.categories.map(\.name).prefix(2) == ["cat", "dog"])
        // 16-bit numbers of classes, with colours in the table: 1 2 0 2 1.
        let first = try #require(try SetSamples.read(kaggle)["001"]).objects
        #expect(first.map(\.category) == ["cat", "dog"])
        #expect(first.map(\.mask?.area) == [2, 2])
    }

    /// 16-bit TIFF, as StarDist has them: as many objects as values, of the same areas.
    @Test func tiffOfStarDist() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        try FileSystem.createDirectory(directory.file("masks"))
        let bytes = try FileSystem.read(try Self.shared("stardist-16bit/tests/data/mask2d.tif"))
        let labels = try ImageCodec.decodeLabels(bytes)
        try AtomicFileWriter.write(bytes, to: directory.file("masks/a.tif"))
        try AtomicFileWriter.write(
            try SetSamples.png(height: labels.height, width: labels.width), to: directory.file("images/a.png"))
        let objects = try #require(try SetSamples.read(MaskFolderSource(path: directory.path))["a"]).objects
        var areas: [UInt16: Int] = [:]
        for value in labels.values where value != 0 { areas[value, default: 0] += 1 }
        #expect(areas.count > 10)
        #expect(objects.map(\.mask?.area) == areas.sorted { $0.key < $1.key }.map { $0.value })
    }

    @Test func formatsOfOthersAreDetected() throws {
        let expected: [(String, LabelFormat)] = [
            ("datumaro-assets/yolo_dataset/labels", .yolo), ("datumaro-assets/roboflow_dataset/yolo", .yolo),
            ("datumaro-assets/voc_dataset/voc_dataset1", .voc), ("datumaro-assets/roboflow_dataset/voc/train", .voc),
            ("datumaro-assets/cvat_dataset/for_images/export_task/train.xml", .cvat),
            ("datumaro-assets/segment_anything_dataset", .segmentAnything),
            ("datumaro-assets/tf_detection_api_dataset", .tensorFlow), ("labelme-tony/images", .labelme),
            ("coco128-multi/panoptic_segmentation/annotations/panoptic_val2017.json", .panoptic),
            ("tiny-coco38/annotations/instances_val2017.json", .coco), ("taco/annotations_unofficial.json", .coco),
            ("coco-eval-fixtures/lvis_dataset/lvis_val_100.json", .lvis),
        ]
        for (path, format) in expected {
            #expect(try LabelFormat.detect(try Self.shared(path)) == format, "\(path)")
        }
    }
}
