import Annotations
import Foundation
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// What the options of single formats do.
@Suite struct FormatOptionTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static let ring = SetSamples.object(41, SetSamples.disjoint[0])

    func write(_ images: [LabelledImage], _ format: LabelFormat, _ options: LabelWriteOptions) throws -> [ObjectLoss] {
        let writer = try #require(
            try format.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        return try SetSamples.write(images, with: writer)
    }

    @Test(arguments: COCOSetOptions.MaskForm.allCases)
    func masksOfCOCO(form: COCOSetOptions.MaskForm) throws {
        var options = LabelWriteOptions()
        options.coco.maskForm = form
        options.coco.renumbers = true
        options.copiesImages = false
        let objects = [Self.ring, SetSamples.object(40, SetSamples.disjoint[1])]
        let losses = try write([try SetSamples.image(1, name: "a.png", objects)], .coco, options)
        let annotations = try COCOReader.read(path: directory.file("annotations.json")).dataset.annotations
        #expect(annotations.map(\.id) == [1, 2])
        #expect(try FileSystem.list(directory.path) == ["annotations.json"])
        let isPolygon = annotations.map { $0.segmentation?.size == nil }
        switch form {
        case .auto:
            #expect(losses == [] && isPolygon == [false, true])
        case .rle:
            #expect(losses == [] && isPolygon == [false, false])
        case .polygons:
            // 12 of the ring's 16 pixels are left when its hole is filled.
            #expect(losses == [ObjectLoss(imageID: 1, annotationID: 41, kind: .holes, overlap: 0.75)])
            #expect(isPolygon == [true, true])
        }
    }

    @Test func labelmeWithoutMasksFillsHoles() throws {
        var options = LabelWriteOptions()
        options.labelme.writesMasks = false
        let losses = try write([try SetSamples.image(1, name: "a.png", [Self.ring])], .labelme, options)
        #expect(losses == [ObjectLoss(imageID: 1, annotationID: 41, kind: .holes, overlap: 0.75)])
        let read = try SetSamples.read(try RoundTripTests.opened(.labelme, directory.path))
        #expect(read["a"]?.objects.first?.mask?.area == 16)
    }

    @Test func listsOfVOC() throws {
        var options = LabelWriteOptions()
        options.voc.writtenSet = "val"
        _ = try write(try SetSamples.images(overlap: false), .voc, options)
        let list = try String(contentsOfFile: directory.file("ImageSets/Segmentation/val.txt"), encoding: .utf8)
        #expect(list == "a\nempty\nsub_b c\nä\n")
        try AtomicFileWriter.write("a\nempty 1\n", to: directory.file("ImageSets/Segmentation/few.txt"))
        var reading = LabelReadOptions()
        reading.voc.imageSet = "few"
        let source = try #require(try LabelFormat.voc.labelSource(at: directory.path, options: reading))
        #expect(source.images.map(\.fileName) == ["JPEGImages/a.png", "JPEGImages/empty.png"])
        reading.voc.imageSet = "none"
        #expect(throws: AnnotationError.self) {
            try LabelFormat.voc.labelSource(at: directory.path, options: reading)
        }
    }

    @Test func subsetsOfDatumaro() throws {
        var options = LabelWriteOptions()
        for name in ["train", "val"] {
            options.datumaro.writtenSubset = name
            _ = try write([try SetSamples.image(1, name: name + ".png", [Self.ring])], .datumaro, options)
        }
        var reading = LabelReadOptions()
        #expect(try LabelFormat.datumaro.labelSource(at: directory.path, options: reading)?.images.count == 2)
        reading.datumaro.subset = "val"
        let source = try #require(try LabelFormat.datumaro.labelSource(at: directory.path, options: reading))
        #expect(source.images.map(\.fileName) == ["val/val.png"])
        reading.datumaro.subset = "test"
        #expect(throws: AnnotationError.self) {
            try LabelFormat.datumaro.labelSource(at: directory.path, options: reading)
        }
    }

    @Test func predictionsOfLabelStudio() throws {
        let result =
            "{\"type\":\"rectanglelabels\",\"value\":{\"x\":0,\"y\":0,\"width\":50,\"height\":50,\"rotation\":0,\"rectanglelabels\":[\"c\"]},\"score\":0.5}"
        try AtomicFileWriter.write(
            "[{\"data\":{\"image\":\"a.png\"},\"annotations\":[],\"predictions\":[{\"result\":[\(result)]}]}]",
            to: directory.file("t.json"))
        var options = LabelStudioOptions()
        let without = try LabelStudioSource(path: directory.file("t.json"), options: options)
        #expect(without.categories == [])
        options.readsPredictions = true
        let source = try LabelStudioSource(path: directory.file("t.json"), options: options)
        let annotations = try source.annotations(ofImage: 0, height: 10, width: 20) { _ in }
        #expect(annotations.map(\.bbox) == [Box(x: 0, y: 0, width: 10, height: 5)])
        #expect(annotations.first?.extra["score"]?.text == "0.5")
    }

    /// A score in the labels is what SAM 2's training filters by.
    @Test func scoresBecomeUncertainIoU() throws {
        var object = Self.ring
        object.annotation.extra = [RawMember("score", 0.25)]
        var options = LabelWriteOptions()
        options.segmentAnything.isTar = false
        _ = try write([try SetSamples.image(1, name: "a.png", [object, Self.ring])], .segmentAnything, options)
        let tree = try JSONDocument.read(path: directory.file("sa_1.json"))
        #expect(tree["annotations"]?[0]?["uncertain_iou"]?.double == 0.25)
        #expect(tree["annotations"]?[1]?["uncertain_iou"] == nil)
        #expect(tree["annotations"]?[0]?["segmentation"]?["counts"]?.string == Self.ring.mask.compressedString)
    }

    @Test func classesOfTheUser() throws {
        var options = LabelWriteOptions()
        options.masks.kind = .classMap
        _ = try write([try SetSamples.image(1, name: "a.png", [Self.ring])], .masks, options)
        try FileManager.default.removeItem(atPath: directory.file("classes.txt"))
        var reading = LabelReadOptions()
        reading.masks.kind = .classMap
        #expect(throws: AnnotationError.self) {
            try LabelFormat.masks.labelSource(at: directory.path, options: reading)
        }
        reading.masks.classNames = ["nucleus"]
        let source = try #require(try LabelFormat.masks.labelSource(at: directory.path, options: reading))
        let read = try SetSamples.read(source)
        #expect(read["a"]?.objects.map(\.category) == ["nucleus"])
        #expect(read["a"]?.objects.map(\.mask) == [Self.ring.mask])
    }
}
