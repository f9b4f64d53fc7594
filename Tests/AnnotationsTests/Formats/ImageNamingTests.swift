import Annotations
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Names of images and classes stay what they are where the target can take them; every other one is told of.
@Suite struct ImageNamingTests {
    static let names = [
        "x.jpg", "x.png", "P.JPEG", "a/1.png", "b/1.png", "dot.name.v1.png", "no-ending", "../up.png", ".hidden.png",
        "X.PNG", "old.tif",
    ]

    /// Writes an image of each name; gives the names that files have, and the renames.
    private static func write(
        _ format: LabelFormat, copies: Bool = true
    ) throws -> (directory: TemporaryDirectory, renames: [LabelRename], losses: [ObjectLoss]) {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.copiesImages = copies
        var writer = try #require(
            try format.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        var renames: [LabelRename] = []
        var losses: [ObjectLoss] = []
        for (index, name) in names.enumerated() {
            losses += try writer.write(try SetSamples.image(Int64(index + 1), name: name, []))
            renames += writer.takeNotes().renames
        }
        try writer.finish()
        return (directory, renames.filter { $0.subject == .image }, losses)
    }

    /// Formats whose labels name the image take any name but those that lead astray.
    @Test(arguments: [LabelFormat.coco, .cvat, .via, .labelStudio])
    func namedImagesKeepTheirNames(format: LabelFormat) throws {
        let (directory, renames, _) = try Self.write(format)
        var expected = [
            "../up.png": "up.png", ".hidden.png": "_.hidden.png", "X.PNG": "X-2.PNG", "old.tif": "old.png",
        ]
        if format != .coco { expected["no-ending"] = "no-ending.png" }
        #expect(Dictionary(uniqueKeysWithValues: renames.map { ($0.from, $0.to) }) == expected)
        for name in Self.names {
            #expect(FileSystem.exists(directory.file("images/" + (expected[name] ?? name))), "\(name)")
        }
    }

    /// Where image and labels are found by one stem, no two images may have the same.
    @Test(arguments: [LabelFormat.yolo, .labelme, .datumaro])
    func stemsAreUnique(format: LabelFormat) throws {
        let (_, renames, _) = try Self.write(format)
        let to = Dictionary(uniqueKeysWithValues: renames.map { ($0.from, $0.to) })
        #expect(to["x.jpg"] == nil && to["x.png"] == "x-2.png" && to["X.PNG"] == "X-3.PNG" && to["P.JPEG"] == nil)
        #expect(to["a/1.png"] == nil && to["b/1.png"] == nil && to["dot.name.v1.png"] == nil)
        #expect(renames.first { $0.from == "x.png" } == LabelRename(.image, id: 2, from: "x.png", to: "x-2.png"))
    }

    @Test func flatFoldersAreToldOf() throws {
        let (_, renames, _) = try Self.write(.voc)
        let to = Dictionary(uniqueKeysWithValues: renames.map { ($0.from, $0.to) })
        #expect(to["a/1.png"] == "a_1.png" && to["b/1.png"] == "b_1.png")
    }

    /// Labels without images go on naming the files that are there.
    @Test(arguments: [LabelFormat.cvat, .via, .labelStudio, .coco])
    func labelsAloneNameWhatIsThere(format: LabelFormat) throws {
        let (directory, renames, _) = try Self.write(format, copies: false)
        #expect(renames.isEmpty && !FileSystem.exists(directory.file("images")))
        let file = try #require(try FileSystem.list(directory.path).first { !$0.hasPrefix("config") })
        let text = try String(decoding: FileSystem.read(directory.file(file)), as: UTF8.self)
        for name in Self.names where format != .labelStudio { #expect(text.contains(name), "\(name)") }
    }

    /// A colon ends the name in a `labelmap.txt`.
    @Test func colonsInClassNames() throws {
        let directory = try TemporaryDirectory()
        let categories = ["ключ: yes", "ключ_ yes", "plain"].enumerated().map {
            COCOCategory(id: .integer(Int64($0.offset + 1)), name: $0.element)
        }
        var writer = try #require(try LabelFormat.voc.labelWriter(to: directory.path, categories: categories))
        let objects = SetSamples.disjoint.prefix(3).enumerated().map {
            SetSamples.object(Int64($0 + 1), $1, category: Int64($0 + 1))
        }
        _ = try writer.write(try SetSamples.image(1, name: "a.png", Array(objects)))
        let renames = writer.takeNotes().renames
        try writer.finish()
        #expect(renames == [LabelRename(.category, id: 1, from: "ключ: yes", to: "ключ_ yes_")])
        let lines = try String(decoding: FileSystem.read(directory.file("labelmap.txt")), as: UTF8.self)
            .split(separator: "\n").dropFirst()
        #expect(lines.allSatisfy { $0.split(separator: ":", omittingEmptySubsequences: false).count == 4 })
        let back = try #require(try SetSamples.read(try VOCSource(path: directory.path))["a"]).objects
        #expect(back.map(\.category) == ["ключ_ yes_", "ключ_ yes", "plain"])
        #expect(back.map(\.mask) == objects.map(\.mask))
    }

    // MARK: Losses

    /// An object whose mask others cover is there with its box, in VOC; it has lost its mask.
    @Test func coveredObjectsOfVOCKeepTheirBoxes() throws {
        let directory = try TemporaryDirectory()
        let whole = SetSamples.mask([String](repeating: "############", count: 8))
        let writer = try VOCWriter(root: directory.path, categories: SetSamples.categories)
        let losses = try SetSamples.write(
            [
                try SetSamples.image(
                    1, name: "a.png", [SetSamples.object(1, SetSamples.disjoint[2]), SetSamples.object(2, whole)])
            ], with: writer)
        #expect(losses == [ObjectLoss(imageID: 1, annotationID: 1, kind: .shape, overlap: 0)])
        #expect(try #require(try SetSamples.read(try VOCSource(path: directory.path))["a"]).objects.count == 2)
    }

    /// Masks of objects say nothing of classes, and maps of classes nothing of objects.
    @Test func masksLoseClassesOrObjects() throws {
        let objects = SetSamples.disjoint.enumerated().map {
            SetSamples.object(Int64($0 + 1), $1, category: Int64($0 % 2 + 1))
        }
        for (kind, losses) in [
            (MaskFolderOptions.Kind.instances, ObjectLoss.Kind.category), (.idMap, .category), (.classMap, .merged),
            (.colourMap, .merged),
        ] {
            let directory = try TemporaryDirectory()
            var options = MaskFolderOptions()
            options.kind = kind
            let writer = try MaskFolderWriter(
                root: directory.path, categories: SetSamples.categories, options: options)
            let found = try SetSamples.write([try SetSamples.image(1, name: "a.png", objects)], with: writer)
            #expect(found.map(\.kind) == Array(repeating: losses, count: objects.count), "\(kind)")
            #expect(found.map(\.annotationID) == objects.map(\.annotation.id))
        }
        // What is called an object anyway has lost nothing.
        let directory = try TemporaryDirectory()
        let writer = try MaskFolderWriter(
            root: directory.path, categories: [COCOCategory(id: 1, name: "object")])
        let one = SetSamples.object(1, SetSamples.disjoint[0])
        #expect(try SetSamples.write([try SetSamples.image(1, name: "a.png", [one])], with: writer) == [])
    }
}
