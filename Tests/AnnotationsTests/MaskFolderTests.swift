import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// A folder of small images and masks, drawn as text: `.` is 0, digits are values, `#` is 255.
struct DrawnFolder {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    var root: String { directory.path }

    static func values(_ rows: [String]) -> [UInt8] {
        rows.flatMap { row in
            row.map { $0 == "#" ? 255 : UInt8($0.hexDigitValue ?? 0) }
        }
    }

    func write(_ path: String, _ rows: [String]) throws {
        let png = try ImageCodec.encodePNG(
            gray: Self.values(rows), width: rows[0].count, height: rows.count, bitDepth: 8)
        try write(path, png)
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let full = directory.file(path)
        try FileSystem.createDirectory((full as NSString).deletingLastPathComponent)
        try AtomicFileWriter.write(bytes, to: full)
    }

    func write16(_ path: String, _ values: [UInt16], width: Int) throws {
        try write(path, try ImageCodec.encodePNG(gray16: values, width: width, height: values.count / width))
    }
}

@Suite struct MaskFolderTests {
    static let blank = ["......", "......", "......", "......", "......"]

    /// The masks of a data set, decoded.
    static func masks(_ dataset: COCODataset) throws -> [RLE] {
        try dataset.annotations.map { annotation in
            let image = try #require(dataset.images.first { $0.id == annotation.imageID })
            let (height, width) = (try #require(image.height), try #require(image.width))
            return try #require(annotation.segmentation).rle(height: height, width: width)
        }
    }

    static func mask(_ rows: [String], _ value: UInt8? = nil) -> RLE {
        let pixels = DrawnFolder.values(rows).map { value == nil ? ($0 == 0 ? 0 : 1) : $0 == value ? UInt8(1) : 0 }
        return RLE(Bitmap(height: rows.count, width: rows[0].count, pixels: pixels))
    }

    static let shapes: [[String]] = [
        ["......", ".##...", ".###..", "......", "......"],  // a plain shape
        ["......", ".###..", ".#.#..", ".###..", "......"],  // a ring: the hole is none in a polygon
        ["#.....", ".#....", "..#...", "......", ".....#"],  // touching corners, touching edges
        ["######", "######", "######", "######", "######"],  // everything
        [".#....", ".#....", ".#....", ".#....", ".#...."],  // from edge to edge
        ["......", "......", "...#..", "......", "......"],  // one pixel
    ]

    @Test func everyShapeSurvives() throws {
        let folder = try DrawnFolder()
        try folder.write("a/images/a.png", Self.blank)
        for (index, shape) in Self.shapes.enumerated() { try folder.write("a/masks/\(index).png", shape) }
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        #expect(findings == [])
        #expect(dataset.images == [COCOImage(id: 1, fileName: "a/images/a.png", width: 6, height: 5)])
        let masks = try Self.masks(dataset)
        #expect(masks == Self.shapes.map { Self.mask($0) })
        for (annotation, mask) in zip(dataset.annotations, masks) {
            #expect(annotation.area == Double(mask.area))
            #expect(annotation.bbox == mask.boundingBox)
            #expect(annotation.crowdFlag == false)
            #expect(annotation.categoryID == 1)
        }
        #expect(dataset.annotations.map(\.id) == [1, 2, 3, 4, 5, 6])
        let isRLE = dataset.annotations.map { $0.segmentation?.size != nil }
        #expect(isRLE == [false, true, false, false, false, false])
    }

    @Test func closeOutlinesAreTakenOnRequest() throws {
        let folder = try DrawnFolder()
        try folder.write("a/images/a.png", Self.blank)
        try folder.write("a/masks/a.png", Self.shapes[1])
        var options = MaskFolder.Options()
        options.categoryName = "ring"
        options.polygonOverlap = 0.88
        let close = try MaskFolder.read(root: folder.root, options: options).dataset
        #expect(close.annotations[0].segmentation?.size == nil)
        #expect(close.annotations[0].area == 9)
        #expect(close.categories.map(\.name) == ["ring"])
        options.polygonOverlap = 0.9
        let exact = try MaskFolder.read(root: folder.root, options: options).dataset
        #expect(exact.annotations[0].segmentation?.size != nil)
        #expect(exact.annotations[0].area == 8)
    }

    @Test func idsFollowTheNames() throws {
        let folder = try DrawnFolder()
        for name in ["b", "B", "a10", "a9"] {
            try folder.write("\(name)/images/x.png", Self.blank)
            try folder.write("\(name)/masks/2.png", Self.shapes[0])
            try folder.write("\(name)/masks/10.png", Self.shapes[5])
        }
        let runs = try atEveryWorkerCount { try MaskFolder.read(root: folder.root) }
        #expect(runs.allSatisfy { $0.dataset == runs[0].dataset && $0.findings == runs[0].findings })
        let dataset = runs[0].dataset
        #expect(
            dataset.images.map(\.fileName) == [
                "B/images/x.png", "a10/images/x.png", "a9/images/x.png", "b/images/x.png",
            ])
        #expect(dataset.images.map(\.id) == [1, 2, 3, 4])
        #expect(dataset.annotations.map(\.id) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(dataset.annotations.map(\.imageID) == [1, 1, 2, 2, 3, 3, 4, 4])
        #expect(dataset.annotations[0].area == 1)
    }

    @Test func mapsOfObjectsAreTakenApart() throws {
        let folder = try DrawnFolder()
        let map = ["11..2.", "11..2.", "......", "7...1.", "......"]
        try folder.write("images/b.jpg", try ImageCodec.encodeJPEG(RGBImage(height: 5, width: 6, filling: .white)))
        try folder.write("masks/b.png", map)
        try folder.write("images/a.png", Self.blank)
        try folder.write16(
            "masks/a.png", (0..<30).map { $0 == 3 ? 60_000 : $0 == 9 ? 300 : $0 == 29 ? 60_000 : 0 }, width: 6)
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        #expect(findings == [])
        #expect(dataset.images.map(\.fileName) == ["images/a.png", "images/b.jpg"])
        let masks = try Self.masks(dataset)
        #expect(dataset.annotations.map(\.imageID) == [1, 1, 2, 2, 2])
        #expect(masks[2...] == [Self.mask(map, 1), Self.mask(map, 2), Self.mask(map, 7)])
        #expect(masks[0].area == 1)
        #expect(masks[1].area == 2)
        #expect(masks[1].boundingBox == Box(x: 3, y: 0, width: 3, height: 5))
    }

    @Test func coloursAreObjectsToo() throws {
        let folder = try DrawnFolder()
        try folder.write("images/a.png", Self.blank)
        var image = RGBImage(height: 5, width: 6, filling: .black)
        for (pixel, colour) in [(0, [10, 0, 0]), (1, [10, 0, 0]), (7, [0, 10, 0]), (8, [10, 10, 0])] as [(Int, [UInt8])]
        {
            for channel in 0..<3 { image.pixels[pixel * 3 + channel] = colour[channel] }
        }
        try folder.write("masks/a.png", try ImageCodec.encodePNG(image))
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        #expect(findings == [])
        #expect(try Self.masks(dataset).map(\.area) == [1, 2, 1])
    }

    @Test func oneFolderAloneIsALayoutToo() throws {
        let folder = try DrawnFolder()
        try folder.write("images/photo.png", Self.blank)
        try folder.write("masks/1.png", Self.shapes[0])
        try folder.write("masks/2.png", Self.shapes[5])
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        #expect(findings == [])
        #expect(try Self.masks(dataset).map(\.area) == [5, 1])
    }

    @Test func everythingOddIsFound() throws {
        let folder = try DrawnFolder()
        try folder.write("a/images/a.png", Self.blank)
        try folder.write("a/images/._a.png", [0, 5, 22, 7])
        try folder.write("a/masks/1.png", Self.blank)
        try folder.write("a/masks/2.png", ["...", "...", ".#."])
        try folder.write("a/masks/3.png", ["......", ".3#...", "......", "......", "......"])
        try folder.write("a/masks/4.png", Array("no image".utf8))
        try folder.write("a/masks/5.png", [UInt8]())
        try folder.write("a/masks/6.txt", Array("x".utf8))
        let whole = try FileSystem.read(folder.directory.file("a/masks/3.png"))
        try folder.write("a/masks/7.png", Array(whole.dropLast(20)))
        try folder.write("a/masks/8.jpg", try ImageCodec.encodeJPEG(RGBImage(height: 5, width: 6, filling: .white)))
        try folder.write("b/images/1.png", Self.blank)
        try folder.write("b/images/2.png", Self.blank)
        try folder.write("c/images/c.png", Self.blank)
        try folder.write("d/images/d.png", Array("no image".utf8))
        try folder.write("d/masks/d.png", Self.shapes[0])
        try folder.write("notes.txt", Array("x".utf8))
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        let found = findings.map { finding in
            finding.rule + " " + (finding.location.path ?? "").replacingOccurrences(of: folder.root + "/", with: "")
        }
        #expect(
            found == [
                "masks.apple-double a/images/._a.png", "masks.unknown-file a/masks/6.txt",
                "masks.image-count b/images", "masks.empty a/masks/1.png", "masks.size-mismatch a/masks/2.png",
                "masks.values a/masks/3.png", "masks.unreadable a/masks/4.png", "masks.unreadable a/masks/5.png",
                "masks.unreadable a/masks/7.png", "labels.lossy-mask a/masks/8.jpg", "masks.no-mask c/images/c.png",
                "masks.unreadable d/images/d.png",
            ])
        #expect(dataset.images.map(\.fileName) == ["a/images/a.png", "c/images/c.png"])
        #expect(try Self.masks(dataset).map(\.area) == [2, 30])
    }

    @Test func oddMapsAreFound() throws {
        let folder = try DrawnFolder()
        try folder.write("images/a.png", Self.blank)
        try folder.write("masks/a.png", Self.shapes[1])
        try folder.write("images/b.png", Self.blank)
        try folder.write("masks/c.png", Self.blank)
        try folder.write("images/d.png", ["."])
        try folder.write("masks/d.jpg", Self.blank)
        try folder.write("masks/d.png", ["1"])
        let side = 257
        try folder.write("images/e.png", try ImageCodec.encodePNG(RGBImage(height: side, width: side, filling: .white)))
        var noise = RGBImage(height: side, width: side, filling: .black)
        for pixel in 0..<side * side {
            for channel in 0..<3 { noise.pixels[3 * pixel + channel] = UInt8((pixel + 1) >> (8 * channel) & 255) }
        }
        try folder.write("masks/e.png", try ImageCodec.encodePNG(noise))
        let (dataset, findings) = try MaskFolder.read(root: folder.root)
        #expect(
            findings.map(\.rule) == [
                MaskFolderRule.noImage, MaskFolderRule.noImage, MaskFolderRule.binaryMap, MaskFolderRule.noMask,
                MaskFolderRule.sizeMismatch, MaskFolderRule.tooManyValues,
            ])
        #expect(dataset.images.count == 4)
        #expect(dataset.annotations.count == 1)
    }

    @Test func foldersOfNoLayoutThrow() throws {
        let folder = try DrawnFolder()
        #expect { try MaskFolder.read(root: folder.root) } throws: { ($0 as? AnnotationError)?.code == .layout }
        #expect { try MaskFolder.read(root: folder.root + "/none") } throws: { ($0 as? FileError)?.code == .missing }
        try folder.write("a.png", Self.blank)
        #expect { try MaskFolder.read(root: folder.root + "/a.png") } throws: {
            ($0 as? FileError)?.code == .wrongType
        }
        #expect { try MaskFolder.read(root: folder.root) } throws: { ($0 as? AnnotationError)?.code == .layout }
    }
}

@Suite(.enabled(if: Repository.sharedData("samples-dsb2018-cc0") != nil, "needs ../shared/data"))
struct MaskFolderRealFileTests {
    /// Every mask of the sample, decoded from what is written, is the mask file.
    @Test func nucleiSurvive() throws {
        let root = try #require(Repository.sharedData("samples-dsb2018-cc0"))
        let (dataset, findings) = try MaskFolder.read(root: root)
        #expect(findings == [])
        #expect(dataset.images.count == 16)
        #expect(dataset.annotations.count == 484)
        let masks = try MaskFolderTests.masks(dataset)
        var next = 0
        for folder in try FileSystem.list(root) {
            for name in try FileSystem.list("\(root)/\(folder)/masks") {
                let labels = try ImageCodec.decodeLabels(FileSystem.read("\(root)/\(folder)/masks/\(name)"))
                let pixels = labels.values.map { UInt8(clamping: $0) }
                #expect(RLE(Bitmap(height: labels.height, width: labels.width, pixels: pixels)) == masks[next])
                next += 1
            }
        }
        #expect(next == 484)
    }
}
