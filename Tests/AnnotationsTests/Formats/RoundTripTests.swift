import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Each format is written and read again: every mask, class and crowd flag that it can hold comes back as it was, and what
/// does not is in the losses.
@Suite struct RoundTripTests {
    /// A set that was written, opened by its folder.
    static func opened(_ format: LabelFormat, _ root: String) throws -> any LabelSource {
        try #require(try format.labelSource(at: root))
    }

    /// Formats that hold masks of any shape and any overlap.
    static let exact: [LabelFormat] = [.yolo, .labelme, .segmentAnything, .cvat, .datumaro, .labelStudio, .via]
    static let keepingCrowds: Set<LabelFormat> = [.labelme, .segmentAnything, .cvat, .datumaro, .via]

    @Test(arguments: exact)
    func everyMaskComesBack(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        let images = try SetSamples.images()
        let writer = try #require(try format.labelWriter(to: directory.path, categories: SetSamples.categories))
        let losses = try SetSamples.write(images, with: writer)
        let keepsCrowds = Self.keepingCrowds.contains(format)
        #expect(losses.map(\.kind) == (keepsCrowds ? [] : [.crowd]), "\(format)")
        let source = try Self.opened(format, directory.path)
        #expect(source.findings == [], "\(format)")
        let read = try SetSamples.read(source)
        #expect(read.count == images.count)
        for image in images {
            let name = format == .segmentAnything ? "sa_\(image.image.id)" : SetSamples.key(image.image.fileName)
            let back = try #require(read[name], "\(format) \(name) of \(read.keys)")
            #expect(back.encoded == image.encoded)
            #expect(back.findings == [])
            #expect(back.objects.map(\.mask) == image.objects.map(\.mask), "\(format) \(name)")
            #expect(
                back.objects.map(\.category)
                    == image.objects.map { object in
                        SetSamples.categories.first { $0.id == object.annotation.categoryID }?.name
                    }, "\(format)")
            #expect(
                back.objects.map(\.isCrowd) == image.objects.map { keepsCrowds && $0.annotation.isCrowd }, "\(format)")
        }
    }

    /// In formats of maps each pixel belongs to one object, and the later one has it.
    @Test(arguments: [LabelFormat.panoptic, .voc, .masks])
    func mapsGiveOverlapsToTheLaterObject(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        let images = try SetSamples.images()
        var options = LabelWriteOptions()
        options.masks.kind = .idMap
        let writer = try #require(
            try format.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        let losses = try SetSamples.write(images, with: writer)
        let first = try #require(losses.first { $0.kind == .shape })
        let lost = SetSamples.disjoint[0].intersectionArea(SetSamples.overlapping)
        #expect(lost > 0)
        #expect(first.annotationID == 1 && first.imageID == 1)
        #expect(first.overlap == 1 - Double(lost) / Double(SetSamples.disjoint[0].area))
        #expect(losses.filter { $0.kind == .shape }.count == 1)
        #expect(losses.contains { $0.kind == .crowd } == (format != .panoptic))
        let read = try SetSamples.read(try Self.opened(format, directory.path))
        let objects = try #require(read["a"]).objects
        #expect(objects.dropFirst().map(\.mask) == images[0].objects.dropFirst().map(\.mask))
        #expect(objects[0].mask?.area == SetSamples.disjoint[0].area - lost)
        let inFolder = try #require(read[format == .panoptic ? "b c" : "sub_b c"])
        #expect(inFolder.objects.map(\.mask) == images[2].objects.map(\.mask))
        #expect(inFolder.objects.map(\.isCrowd) == [format == .panoptic])
        if format != .masks {
            let names = images[0].objects.map { object in
                SetSamples.categories.first { $0.id == object.annotation.categoryID }?.name
            }
            // In VOC's table of classes a colon is the end of a name.
            #expect(objects.map(\.category) == names.map { format == .voc ? $0?.replacing(":", with: "_") : $0 })
        }
    }

    @Test(arguments: [MaskFolderOptions.Kind.instances, .idMap])
    func maskFoldersKeepObjects(kind: MaskFolderOptions.Kind) throws {
        for isTIFF in [false, true] {
            let directory = try TemporaryDirectory()
            let images = try SetSamples.images(overlap: kind == .instances, crowd: false)
            var options = LabelWriteOptions()
            options.masks.kind = kind
            options.masks.writesTIFF = isTIFF
            let writer = try #require(
                try LabelFormat.masks.labelWriter(
                    to: directory.path, categories: SetSamples.categories, options: options))
            // Whatever it is, it is read as an object.
            #expect(Set(try SetSamples.write(images, with: writer).map(\.kind)) == [.category])
            let source = try #require(try LabelFormat.masks.labelSource(at: directory.path))
            let read = try SetSamples.read(source)
            for image in images {
                let name = image.image.id == 3 ? "sub_b c" : SetSamples.key(image.image.fileName)
                #expect(read[name]?.objects.map(\.mask) == image.objects.map(\.mask), "\(kind) \(name)")
            }
        }
    }

    @Test(arguments: [MaskFolderOptions.Kind.classMap, .colourMap])
    func classMapsKeepClasses(kind: MaskFolderOptions.Kind) throws {
        let directory = try TemporaryDirectory()
        let names = ["cell", "red light", "Zelle äöü"]
        let categories = names.enumerated().map { COCOCategory(id: .integer(Int64($0 + 1)), name: $1) }
        // One object a class, so that an area of a class is an object again.
        let objects = SetSamples.disjoint.prefix(3).enumerated().map {
            SetSamples.object(Int64($0 + 1), $1, category: Int64($0 + 1))
        }
        let images = [
            try SetSamples.image(1, name: "x.png", Array(objects)), try SetSamples.image(2, name: "y.png", []),
        ]
        var options = LabelWriteOptions()
        options.masks.kind = kind
        let writer = try #require(
            try LabelFormat.masks.labelWriter(to: directory.path, categories: categories, options: options))
        #expect(try SetSamples.write(images, with: writer) == [])
        let source = try #require(try LabelFormat.masks.labelSource(at: directory.path))
        #expect(source.categories.map(\.name) == names)
        let read = try SetSamples.read(source)
        // Colour maps come in the order of their colours.
        let back = try #require(read["x"]).objects.sorted { $0.category < $1.category }
        #expect(back.map(\.category) == names.sorted())
        #expect(Set(back.map(\.mask)) == Set(objects.map(\.mask)))
        #expect(try #require(read["y"]).objects.isEmpty)
        var split = LabelReadOptions()
        split.masks.splitsParts = true
        let parts = try #require(try LabelFormat.masks.labelSource(at: directory.path, options: split))
        #expect(try #require(try SetSamples.read(parts)["x"]).objects.count == 4)
    }

    @Test func cocoAndLVISHoldEverything() throws {
        for format in [LabelFormat.coco, .lvis] {
            let directory = try TemporaryDirectory()
            let images = try SetSamples.images()
            let writer = try #require(try format.labelWriter(to: directory.path, categories: SetSamples.categories))
            let losses = try SetSamples.write(images, with: writer)
            #expect(losses.map(\.kind) == (format == .lvis ? [.crowd] : []))
            let (dataset, findings) = try COCOReader.read(path: directory.file("annotations.json"))
            #expect(findings == [])
            #expect(dataset.images.map(\.id) == [1, 2, 3, 4])
            #expect(dataset.annotations.map(\.id) == [1, 2, 3, 4, 5, 6, 7, 8])
            let objects = images.flatMap(\.objects)
            for (annotation, object) in zip(dataset.annotations, objects) {
                let mask = try annotation.segmentation?.rle(height: object.mask.height, width: object.mask.width)
                #expect(mask == object.mask)
                #expect(annotation.bbox == object.mask.boundingBox)
                #expect(annotation.crowdFlag == (format == .lvis ? nil : object.annotation.isCrowd))
            }
            for image in dataset.images {
                let file = try FileSystem.read(directory.file("images/" + image.fileName))
                #expect(images.contains { $0.encoded == file })
            }
            // Nothing but the set is left.
            #expect(try FileSystem.list(directory.path) == ["annotations.json", "images"])
            if format == .lvis {
                #expect(dataset.categories.map { $0.extra["instance_count"]?.text } == ["2", "4", "2"])
                #expect(dataset.categories.allSatisfy { $0.extra["frequency"] != nil && $0.extra["synset"] != nil })
                #expect(dataset.images.allSatisfy { $0.extra["neg_category_ids"] != nil })
            }
        }
    }

    /// The streamed file has the bytes of the one that is written at once.
    @Test func streamedCOCOIsTheSameFile() throws {
        let directory = try TemporaryDirectory()
        let images = try SetSamples.images()
        _ = try SetSamples.write(
            images, with: COCOSetWriter(root: directory.path, categories: SetSamples.categories))
        let path = directory.file("annotations.json")
        let (dataset, _) = try COCOReader.read(path: path)
        try COCOWriter.write(dataset, to: directory.file("again.json"))
        #expect(try FileSystem.read(path) == FileSystem.read(directory.file("again.json")))
    }

    @Test(arguments: YOLOOptions.Multipart.allCases)
    func partsInYOLOAreSplitOrJoined(multipart: YOLOOptions.Multipart) throws {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.yolo.multipart = multipart
        let images = [try SetSamples.image(1, name: "a.png", [SetSamples.object(1, SetSamples.disjoint[1])])]
        let writer = try #require(
            try LabelFormat.yolo.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        let losses = try SetSamples.write(images, with: writer)
        let read = try SetSamples.read(try Self.opened(.yolo, directory.path))
        let areas = try #require(read["a"]).objects.map { $0.mask?.area }
        switch multipart {
        case .bridge:
            #expect(losses == [])
            #expect(areas == [6])
        case .split:
            #expect(losses.map(\.kind) == [.parts])
            #expect(areas == [2, 4])
        case .largest:
            #expect(losses == [ObjectLoss(imageID: 1, annotationID: 1, kind: .parts, overlap: 4.0 / 6)])
            #expect(areas == [4])
        }
    }

    @Test func coarseDecimalsAreReported() throws {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.yolo.decimals = 1
        let images = try SetSamples.images(crowd: false)
        let writer = try #require(
            try LabelFormat.yolo.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        let losses = try SetSamples.write(images, with: writer)
        #expect(losses.contains { $0.kind == .shape && $0.overlap < 1 })
        let read = try SetSamples.read(try Self.opened(.yolo, directory.path))
        for loss in losses {
            let image = try #require(images.first { $0.image.id == loss.imageID })
            let at = try #require(image.objects.firstIndex { $0.annotation.id == loss.annotationID })
            let back = try #require(read[SetSamples.key(image.image.fileName)]?.objects[at].mask)
            let shared = back.intersectionArea(image.objects[at].mask)
            let union = back.area + image.objects[at].mask.area - shared
            #expect(loss.overlap == (union == 0 ? 1 : Double(shared) / Double(union)))
        }
    }

    /// Boxes without masks stay boxes in the formats that have them.
    @Test(arguments: [LabelFormat.yolo, .yoloBoxes, .voc, .labelme, .cvat, .datumaro, .labelStudio, .via])
    func boxesStayBoxes(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        var object = SetSamples.object(1, try RLE(height: 8, width: 12))
        object.annotation.bbox = Box(x: 2, y: 1, width: 6, height: 4)
        let writer = try #require(try format.labelWriter(to: directory.path, categories: [SetSamples.categories[0]]))
        #expect(try SetSamples.write([try SetSamples.image(1, name: "a.png", [object])], with: writer) == [])
        let read = try SetSamples.read(try Self.opened(format, directory.path))
        let back = try #require(read["a"]).objects
        #expect(back.count == 1)
        let box = try #require(back.first?.box ?? back.first?.mask?.boundingBox, "\(format)")
        #expect(
            abs(box.x - 2) < 1e-9 && abs(box.y - 1) < 1e-9 && abs(box.width - 6) < 1e-9 && abs(box.height - 4) < 1e-9)
    }

    /// Names that would lead out of the folder, or be the same file, get names of their own.
    @Test func namesAreMadeSafe() throws {
        let directory = try TemporaryDirectory()
        let names = ["../../etc/a.png", "/abs/a.png", "x\\a.png", "a.jpg", "A.png", ".hidden.png", "C:\\a.png"]
        let images = try names.enumerated().map { try SetSamples.image(Int64($0 + 1), name: $1, []) }
        let writer = try #require(
            try LabelFormat.yolo.labelWriter(to: directory.file("out"), categories: SetSamples.categories))
        _ = try SetSamples.write(images, with: writer)
        #expect(try FileSystem.list(directory.path) == ["out"])
        let source = try Self.opened(.yolo, directory.file("out"))
        #expect(source.images.count == names.count)
        #expect(Set(source.images.map { $0.fileName.lowercased() }).count == names.count)
    }

    /// What the list of formats says of losses is what happens to the sample.
    @Test func lossesAreAsTheListSays() throws {
        for format in LabelFormat.allCases where ![.tensorFlow, .shards].contains(format) {
            let directory = try TemporaryDirectory()
            let writer = try #require(try format.labelWriter(to: directory.path, categories: SetSamples.categories))
            let kinds = Set(try SetSamples.write(try SetSamples.images(), with: writer).map(\.kind))
            #expect(kinds.isSubset(of: format.losses), "\(format): \(kinds)")
            let keepsCrowds = !format.losses.contains(.crowd)
            #expect(kinds.contains(.crowd) != keepsCrowds, "\(format)")
            #expect(!format.title.isEmpty && !format.remark.isEmpty)
        }
    }

    /// An object of a category that the writer was not told of is a loss in every format.
    @Test(
        arguments: LabelFormat.allCases.filter {
            ![.tensorFlow, .shards, .coco, .lvis, .panoptic, .segmentAnything].contains($0)
        })
    func unknownCategoriesAreLosses(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.masks.kind = .classMap
        let writer = try #require(
            try format.labelWriter(to: directory.path, categories: [SetSamples.categories[0]], options: options))
        let image = try SetSamples.image(1, name: "a.png", [SetSamples.object(1, SetSamples.disjoint[0], category: 9)])
        #expect(
            try SetSamples.write([image], with: writer) == [
                ObjectLoss(imageID: 1, annotationID: 1, kind: .object, overlap: 0)
            ])
    }

    /// Opening and reading do not depend on the number of threads.
    @Test(arguments: exact + [.panoptic, .voc, .masks])
    func readingIsTheSameOnAnyNumberOfThreads(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        let writer = try #require(try format.labelWriter(to: directory.path, categories: SetSamples.categories))
        _ = try SetSamples.write(try SetSamples.images(), with: writer)
        let runs = try atEveryWorkerCount {
            let source = try Self.opened(format, directory.path)
            let annotations = try source.images.indices.map { index in
                let size = source.images[index].fileName.contains("b c") ? (4, 5) : (8, 12)
                return try source.annotations(ofImage: index, height: size.0, width: size.1) { _ in }
            }
            return (source.images, source.categories, source.findings, annotations)
        }
        for run in runs {
            #expect(run.0 == runs[0].0 && run.1 == runs[0].1 && run.2 == runs[0].2 && run.3 == runs[0].3)
        }
        #expect(runs[0].3.flatMap { $0 }.count >= 8)
    }

    /// The README says of each format what the program says.
    @Test(arguments: LabelFormat.allCases)
    func theReadmeListsTheFormat(format: LabelFormat) throws {
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let name = format == .masks ? "mask-folder" : format.rawValue
        #expect(readme.contains("| `\(name)` | \(format.title) | \(format.remark) |"), "\(name)")
    }

    @Test func formatsAreDetected() throws {
        for format in LabelFormat.allCases where ![.tensorFlow, .shards, .yoloBoxes].contains(format) {
            let directory = try TemporaryDirectory()
            var options = LabelWriteOptions()
            options.masks.kind = .idMap
            let writer = try #require(
                try format.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
            _ = try SetSamples.write(try SetSamples.images(), with: writer)
            let file = [
                LabelFormat.coco: "annotations.json", .lvis: "annotations.json", .panoptic: "panoptic.json",
                .labelStudio: "tasks.json", .via: "via.json",
            ][format]
            #expect(try LabelFormat.detect(directory.path) == format)
            if let file {
                #expect(try LabelFormat.detect(directory.file(file)) == format)
                #expect(try format.labelFile(at: directory.path) == directory.file(file))
                // Two such files are one too many.
                try FileManager.default.copyItem(atPath: directory.file(file), toPath: directory.file("z.json"))
                #expect(throws: AnnotationError.self) { try format.labelFile(at: directory.path) }
            }
        }
        #expect(throws: FileError.self) { try LabelFormat.detect("/nowhere/at/all") }
    }
}
