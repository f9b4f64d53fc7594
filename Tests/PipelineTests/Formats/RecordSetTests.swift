import Annotations
import Foundation
import Images
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// TFRecord files of the TensorFlow Object Detection API, and our own shards, as sets of labels.
@Suite struct RecordSetTests {
    static let categories = [
        COCOCategory(id: 0, name: "zero"), COCOCategory(id: 7, name: "cat \"a\"\\b"),
        COCOCategory(id: "x", name: "text"),
    ]

    static func object(_ id: Int64, _ rows: [String], category: COCOIdentifier, isCrowd: Bool = false) -> LabelledObject
    {
        let mask = RLE(
            Bitmap(
                height: rows.count, width: rows[0].utf8.count, pixels: rows.flatMap { $0.utf8.map { $0 == 35 ? 1 : 0 } }
            ))
        return LabelledObject(
            annotation: COCOAnnotation(
                id: .integer(id), imageID: 1, categoryID: category, segmentation: nil, bbox: mask.boundingBox,
                area: Double(mask.area), crowdFlag: isCrowd), mask: mask)
    }

    static func image(_ id: COCOIdentifier, _ name: String, _ objects: [LabelledObject]) throws -> LabelledImage {
        LabelledImage(
            image: COCOImage(id: id, fileName: name, width: 5, height: 3),
            encoded: try ImageCodec.encodePNG(RGBImage(height: 3, width: 5, filling: .white)), objects: objects)
    }

    static func images() throws -> [LabelledImage] {
        [
            try image(
                3, "a.png",
                [
                    object(1, ["#####", "#.#.#", "#####"], category: 7),
                    object(2, [".....", "#...#", "....."], category: 0),
                    object(3, ["##...", "##...", "....."], category: "x", isCrowd: true),
                ]),
            try image("name", "b.png", []),
        ]
    }

    /// Expectations on what is read back.
    static func check(_ source: any LabelSource, _ images: [LabelledImage], names: [String]) throws {
        #expect(source.findings.filter { $0.dropped != nil } == [])
        #expect(source.images.map(\.id) == images.map(\.image.id))
        #expect(source.images.map(\.fileName) == images.map(\.image.fileName))
        for (index, image) in images.enumerated() {
            var findings: [LabelFinding] = []
            let annotations = try source.annotations(ofImage: index, height: 3, width: 5) { findings.append($0) }
            #expect(findings == [])
            #expect(try source.encodedImage(at: index) == image.encoded)
            #expect(try annotations.map { try $0.segmentation?.rle(height: 3, width: 5) } == image.objects.map(\.mask))
            #expect(annotations.map(\.isCrowd) == image.objects.map(\.annotation.isCrowd))
            #expect(annotations.map(\.bbox) == image.objects.map(\.annotation.bbox))
            #expect(annotations.map(\.area) == image.objects.map(\.annotation.area))
            if index == 0 {
                let read = annotations.map { annotation in
                    source.categories.first { $0.id == annotation.categoryID }?.name ?? "?"
                }
                #expect(read == names)
            }
        }
    }

    @Test func tensorFlowComesBack() throws {
        let directory = try TemporaryDirectory()
        var writer = try #require(try LabelFormat.tensorFlow.writer(to: directory.path, categories: Self.categories))
        let images = try Self.images()
        for image in images { #expect(try writer.write(image) == []) }
        try writer.finish()
        #expect(try FileSystem.list(directory.path) == ["data-00000.idx", "data-00000.tfrecord", "label_map.pbtxt"])
        #expect(try LabelFormat.detect(directory.path) == .tensorFlow)
        let source = try LabelFormat.tensorFlow.open(directory.path)
        // 0 is background in TensorFlow, so both other ids are new.
        #expect(source.categories.map(\.id) == [7, 8, 9])
        try Self.check(source, images, names: ["cat \"a\"\\b", "zero", "text"])
        // Without the map, the records name the classes.
        try FileManager.default.removeItem(atPath: directory.file("label_map.pbtxt"))
        try Self.check(
            try LabelFormat.tensorFlow.open(directory.path), images, names: ["cat \"a\"\\b", "zero", "text"])
    }

    @Test func filesAreDivided() throws {
        let directory = try TemporaryDirectory()
        var writer = try TensorFlowWriter(root: directory.path, categories: Self.categories, fileBytes: 1)
        for image in try Self.images() { _ = try writer.write(image) }
        try writer.finish()
        #expect(try FileSystem.list(directory.path).filter { $0.hasSuffix("tfrecord") }.count == 2)
        #expect(try TensorFlowSource(path: directory.path).images.count == 2)
    }

    /// The index beside each file is what a scan of the file finds, as DALI's `tfrecord2idx` writes it.
    @Test(arguments: [1, 1_000_000]) func filesHaveIndexes(fileBytes: Int) throws {
        let directory = try TemporaryDirectory()
        var writer = try TensorFlowWriter(root: directory.path, categories: Self.categories, fileBytes: fileBytes)
        for image in try Self.images() { _ = try writer.write(image) }
        try writer.finish()
        let files = try FileSystem.list(directory.path).filter { $0.hasSuffix("tfrecord") }
        var records = 0
        for file in files {
            let path = directory.file(file)
            let scanned = try MappedFile(path: path).withBytes { try RecordIndex(scanning: $0, path: path) }
            let text = String(decoding: try FileSystem.read(RecordIndex.path(of: path)), as: UTF8.self)
            #expect(text == scanned.text && !text.isEmpty)
            records += scanned.count
        }
        #expect(records == 2)
    }

    @Test func shardsAreASource() throws {
        let directory = try TemporaryDirectory()
        let classes = [ShardClass(categoryID: 7, name: "cat"), ShardClass(categoryID: 9, name: "dog")]
        let images = try Self.images()
        let samples = images.map { image in
            ShardSample(
                imageID: image.image.id.description, fileName: image.image.fileName, format: "png", width: 5, height: 3,
                encoded: image.encoded,
                objects: image.objects.enumerated().map { index, object in
                    ShardObject(
                        annotationID: object.annotation.id.description, categoryID: index == 0 ? 7 : 9,
                        categoryName: index == 0 ? "cat" : "dog", isCrowd: object.annotation.isCrowd,
                        area: Double(object.mask.area), box: object.mask.boundingBox, mask: object.mask)
                })
        }
        let shard = try ShardWriter(directory: directory.path, name: ShardFileName(name: "s", index: 0, count: 1))
        for sample in samples { try shard.append(EncodedRecord(sample)) }
        try ShardManifest(name: "s", classes: classes, shards: [try shard.finish()]).write(to: directory.path)
        #expect(try LabelFormat.detect(directory.path) == .shards)
        let source = try LabelFormat.shards.open(directory.path)
        #expect(source.categories.map(\.name) == ["cat", "dog"])
        #expect(source.annotationCount(ofImage: 0) == 3)
        try Self.check(source, images, names: ["cat", "dog", "dog"])
        let ids = try source.annotations(ofImage: 0, height: 3, width: 5) { _ in }.map(\.id)
        #expect(ids == [1, 2, 3])
    }

    @Test func damagedRecordsAreTold() throws {
        let directory = try TemporaryDirectory()
        var writer = try TensorFlowWriter(root: directory.path, categories: Self.categories)
        for image in try Self.images() { _ = try writer.write(image) }
        try writer.finish()
        let path = directory.file("data-00000.tfrecord")
        let bytes = try FileSystem.read(path)
        for round in 0..<300 {
            var random = CounterRandom(seed: UInt64(round), purpose: RandomPurpose("records"))
            var changed = bytes
            if round % 3 == 0 {
                changed.removeLast(1 + random.index(below: bytes.count))
            } else {
                for _ in 0..<2 { changed[random.index(below: bytes.count)] ^= UInt8(1 + random.index(below: 255)) }
            }
            try Data(changed).write(to: URL(fileURLWithPath: path))
            do {
                let source = try TensorFlowSource(path: directory.path)
                var told = source.findings.count
                for index in source.images.indices {
                    _ = try source.annotations(ofImage: index, height: 3, width: 5) { _ in told += 1 }
                }
                // A file cut at the end of a record is a whole file.
                #expect(told > 0 || changed.count < bytes.count, "round \(round)")
            } catch let error as any OperationError {
                #expect(error.kind == .badInput, "round \(round): \(error)")
            }
        }
    }

    /// Records whose lists do not fit each other, or whose values are impossible.
    @Test func oddRecordsAreTold() throws {
        let directory = try TemporaryDirectory()
        let encoded = try Self.images()[0].encoded
        func features(_ changes: [String: Example.Feature]) -> Example {
            var features: [String: Example.Feature] = [
                "image/encoded": .bytes([encoded]), "image/source_id": .bytes([Array("5".utf8)]),
                "image/object/bbox/xmin": .floats([0, 0.2]), "image/object/bbox/ymin": .floats([0, 0]),
                "image/object/bbox/xmax": .floats([0.4, 1]), "image/object/bbox/ymax": .floats([1, 1]),
                "image/object/class/text": .bytes([Array("a".utf8), Array("b".utf8)]),
            ]
            for (key, value) in changes { features[key] = value }
            return Example(features: features)
        }
        func rules(_ changes: [String: Example.Feature]) throws -> (count: Int, rules: [String]) {
            let frame = RecordFraming.frame(features(changes).encoded())
            try AtomicFileWriter.write(frame, to: directory.file("a.record"))
            let source = try TensorFlowSource(path: directory.file("a.record"))
            var rules = source.findings.map(\.finding.rule)
            guard !source.images.isEmpty else { return (0, rules) }
            let annotations = try source.annotations(ofImage: 0, height: 3, width: 5) { rules.append($0.finding.rule) }
            return (annotations.count, rules)
        }
        let plain = try rules([:])
        #expect(plain.count == 2 && plain.rules == [])
        let swapped = try rules(["image/object/bbox/xmin": .floats([0.5, 0.2])])
        #expect(swapped.count == 1 && swapped.rules == [LabelRule.badValue])
        let short = try rules(["image/object/bbox/xmin": .floats([0.5])])
        #expect(short.count == 0 && short.rules == [LabelRule.unreadable])
        let unnamed = try rules(["image/object/class/text": .bytes([])])
        #expect(unnamed.count == 0 && unnamed.rules == [LabelRule.unknownCategory, LabelRule.unknownCategory])
        let imageless = try rules(["image/encoded": .bytes([])])
        #expect(imageless.count == 0 && imageless.rules == [LabelRule.unreadable])
        let small = try ImageCodec.encodePNG(gray: [1], width: 1, height: 1)
        let masked = try rules(["image/object/mask": .bytes([small, Array("no".utf8)])])
        #expect(masked.count == 0 && masked.rules == [LabelRule.sizeMismatch, LabelRule.unreadable])
    }

    /// The files of datumaro's own tests.
    @Test(.enabled(if: Repository.sharedData("datumaro-assets") != nil, "needs ../shared/data"))
    func tensorFlowOfOthers() throws {
        let path = try #require(Repository.sharedData("datumaro-assets/tf_detection_api_dataset"))
        let source = try LabelFormat.tensorFlow.open(path)
        #expect(source.categories.map(\.name) == (0..<10).map { "label_\($0)" })
        #expect(source.images.count >= 3)
        var objects = 0
        var drops: [String] = []
        for index in source.images.indices {
            let header = try ImageCodec.probe(try #require(try source.encodedImage(at: index)))
            objects += try source.annotations(ofImage: index, height: header.height, width: header.width) {
                drops.append($0.finding.rule)
            }.count
        }
        // Three objects with a class; one has label 0 and no text.
        #expect(objects == 3)
        #expect(drops == [LabelRule.unknownCategory])
    }

    /// TensorFlow reads what we write.
    @Test(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON"))
    func tensorFlowReadsOurs() throws {
        let directory = try TemporaryDirectory()
        var writer = try TensorFlowWriter(root: directory.path, categories: Self.categories)
        for image in try Self.images() { _ = try writer.write(image) }
        try writer.finish()
        let script = Repository.fixture("Annotations/peers/read.py")
        let result = try PeerPython.run([script, "tf-od", directory.path])
        #expect(result.status == 0)
        #expect(
            result.output.split(separator: "\n").map(String.init) == [
                "a\tcat \"a\"\\b\t0\t3\t5\t111111010111111", "a\ttext\t1\t3\t5\t110001100000000",
                "a\tzero\t0\t3\t5\t000001000100000",
            ])
    }
}
