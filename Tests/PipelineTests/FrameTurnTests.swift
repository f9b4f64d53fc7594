import Annotations
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Labels and image come out in the frame that the target's readers expect, in all eight EXIF orientations.
@Suite struct FrameTurnTests {
    private static let (height, width) = (24, 40)
    /// Blocks of JPEG, so that the bright ones stay sharp: rows and columns in the stored pixels.
    private static let (rows, columns) = (0..<8, 8..<24)

    /// A picture that is dark but for one place.
    private static func picture(orientation: Int) throws -> [UInt8] {
        var image = RGBImage(height: height, width: width, filling: RGBColour(10, 10, 10))
        for row in rows { for column in columns { image[row, column] = RGBColour(240, 240, 240) } }
        return TurnedJPEG.bytes(try ImageCodec.encodeJPEG(image), orientation: orientation)
    }

    /// Where a picture is bright.
    private static func bright(_ image: RGBImage) -> RLE {
        RLE(
            Bitmap(
                height: image.height, width: image.width,
                pixels: stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] > 128 ? 1 : 0 }))
    }

    /// COCO labels of the stored pixels: the bright place as run lengths and as an outline, a ring with a hole, an outline
    /// that no outline of whole pixels draws, and a box without a mask.
    private static func labels(of names: [String]) throws -> String {
        var place = Bitmap(height: height, width: width)
        for row in rows { for column in columns { place[row, column] = true } }
        var ring = Bitmap(height: height, width: width)
        for row in 10..<20 { for column in 2..<9 { ring[row, column] = !(13..<15).contains(row) || column != 5 } }
        func runs(_ mask: Bitmap) -> String {
            "{\"size\": [\(height), \(width)], \"counts\": \(JSONValue.string(RLE(mask).compressedString).text())}"
        }
        let segmentations = [
            runs(place), "[[8, 0, 24, 0, 24, 8, 8, 8]]", runs(ring),
            "[[20.3, 11.2, 37.6, 12.4, 30.1, 22.7, 22.2, 19.5]]",
        ]
        var annotations: [String] = []
        for image in names.indices {
            for (index, segmentation) in segmentations.enumerated() {
                annotations.append(
                    "{\"id\": \(image * 10 + index + 1), \"image_id\": \(image + 1), \"category_id\": 1, \"iscrowd\": 0, \"segmentation\": \(segmentation)}"
                )
            }
            annotations.append(
                "{\"id\": \(image * 10 + 9), \"image_id\": \(image + 1), \"category_id\": 1, \"iscrowd\": 0, \"bbox\": [3, 17, 30, 5], \"area\": 150}"
            )
        }
        let images = names.enumerated().map {
            "{\"id\": \($0.offset + 1), \"file_name\": \"\($0.element)\", \"width\": \(width), \"height\": \(height)}"
        }
        return
            "{\"images\": [\(images.joined(separator: ","))], \"categories\": [{\"id\": 1, \"name\": \"object\"}], \"annotations\": [\(annotations.joined(separator: ","))]}"
    }

    private static func dataset() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        let names = (1...8).map { "o\($0).jpg" }
        for (index, name) in names.enumerated() {
            try AtomicFileWriter.write(try picture(orientation: index + 1), to: directory.file("images/" + name))
        }
        try AtomicFileWriter.write(try labels(of: names), to: directory.file("labels.json"))
        return directory
    }

    @discardableResult private static func convert(
        _ source: any LabelSource, _ input: String, images: String, to target: LabelFormat, _ output: String,
        _ change: (inout ConversionOptions) -> Void = { _ in }
    ) throws -> ConversionSummary {
        var options = ConversionOptions(input: input, images: images, output: output)
        options.target = target.rawValue
        options.exifPolicy = source.framesAreUpright ? .apply : .raw
        options.targetFrame = target.frame
        change(&options)
        var write = LabelWriteOptions()
        write.masks.kind = .instances
        return try Conversion(
            options,
            makeWriter: { [write] categories, directory in
                try #require(try target.writer(to: directory, categories: categories, options: write))
            }
        ) { source }.run()
    }

    private static func masks(_ annotations: [COCOAnnotation]) throws -> [RLE?] {
        try annotations.map { try $0.segmentation?.rle(height: height, width: width) }
    }

    static let targets: [LabelFormat] = [
        .coco, .yolo, .labelme, .cvat, .datumaro, .labelStudio, .via, .tensorFlow, .segmentAnything,
    ]

    /// From COCO to another format and back, every mask and box is what it was.
    @Test(arguments: targets)
    func roundTripsAreExact(target: LabelFormat) throws {
        let data = try Self.dataset()
        let input = data.file("labels.json")
        let there = try Self.convert(
            COCOSource(path: input), input, images: data.file("images"), to: target, data.file("there"))
        #expect(there.images == 8 && there.objects == 40, "\(there.counts)")
        let turned = there.counts.first { $0.rule == "image.exif-turned" }
        #expect(turned?.count == (target.frame == .upright ? 7 : nil))
        let source = try target.open(data.file("there"))
        let back = try Self.convert(
            source, data.file("there"),
            images: source.imagesDirectory ?? LabelFormat.images(beside: data.file("there")) ?? data.file("there"),
            to: .coco,
            data.file("back"))
        #expect(back.images == 8 && back.counts.allSatisfy { !$0.isDrop }, "\(back.counts)")
        let first = try COCOReader.read(path: input).dataset
        let last = try COCOReader.read(path: data.file("back/annotations.json")).dataset
        #expect(last.images.map { [$0.width, $0.height] } == Array(repeating: [Self.width, Self.height], count: 8))
        for index in 0..<8 {
            let image = try #require(last.images.first { $0.fileName.contains("\(index + 1)") })
            let old = first.annotations.filter { $0.imageID == first.images[index].id }
            let new = last.annotations.filter { $0.imageID == image.id }
            // SA-1B and TensorFlow write a box without a mask as an empty mask; labelme's rectangles are areas.
            let masks = try Self.masks(new)
            #expect(try masks.prefix(4) == Self.masks(old).prefix(4), "\(target) orientation \(index + 1)")
            #expect(masks.count == 5 && (target == .labelme || masks[4]?.isEmpty ?? true))
            let box = try #require(new.last?.bbox)
            let (dx, dy) = (abs(box.x - 3) + abs(box.width - 30), abs(box.y - 17) + abs(box.height - 5))
            #expect(dx + dy < 1e-4, "\(target) \(box)")
        }
    }

    /// The pixels themselves say where the object is: in labelme's frame, and after labelme in COCO's.
    @Test func labelsLieOnThePixels() throws {
        let data = try Self.dataset()
        let input = data.file("labels.json")
        try Self.convert(
            COCOSource(path: input), input, images: data.file("images"), to: .labelme, data.file("labelme"))
        let source = try LabelmeSource(path: data.file("labelme"))
        for index in 0..<8 {
            let bytes = try FileSystem.read(data.file("labelme/" + source.images[index].fileName))
            #expect(bytes == (try Self.picture(orientation: index + 1)))
            let shown = try ImageCodec.decodeRGB(bytes).oriented(exif: index + 1)
            #expect(source.images[index].width == shown.width && source.images[index].height == shown.height)
            let annotations = try source.annotations(ofImage: index, height: shown.height, width: shown.width) { _ in }
            for annotation in annotations.prefix(2) {
                let mask = try annotation.segmentation?.rle(height: shown.height, width: shown.width)
                #expect(mask == Self.bright(shown), "orientation \(index + 1)")
            }
        }
        try Self.convert(source, data.file("labelme"), images: data.file("labelme"), to: .coco, data.file("coco"))
        let (dataset, _) = try COCOReader.read(path: data.file("coco/annotations.json"))
        for (index, image) in dataset.images.enumerated() {
            let stored = try ImageCodec.decodeRGB(try FileSystem.read(data.file("coco/images/" + image.fileName)))
            let annotation = try #require(dataset.annotations.first { $0.imageID == image.id })
            #expect(
                try annotation.segmentation?.rle(height: stored.height, width: stored.width) == Self.bright(stored),
                "orientation \(index + 1)")
        }
    }

    /// Pixels that a stage has changed are written as they are seen: there is nothing left to turn.
    @Test func changedPixelsAreWrittenUpright() throws {
        let data = try Self.dataset()
        try Self.convert(
            COCOSource(path: data.file("labels.json")), data.file("labels.json"), images: data.file("images"),
            to: .labelme, data.file("labelme"))
        let source = try LabelmeSource(path: data.file("labelme"))
        let summary = try Self.convert(
            source, data.file("labelme"), images: data.file("labelme"), to: .coco, data.file("coco")
        ) { options in
            options.chain = (try? SampleChain([ResizeStage(.longestSide(80))])) ?? SampleChain()
        }
        #expect(!summary.counts.contains { $0.rule == "image.exif-turned" })
        let (dataset, _) = try COCOReader.read(path: data.file("coco/annotations.json"))
        for (index, image) in dataset.images.enumerated() {
            let bytes = try FileSystem.read(data.file("coco/images/" + image.fileName))
            #expect(try ImageCodec.probe(bytes).exifOrientation == 1)
            let pixels = try ImageCodec.decodeRGB(bytes)
            #expect(pixels.width == image.width && pixels.height == image.height)
            let annotation = try #require(dataset.annotations.first { $0.imageID == image.id })
            let mask = try #require(try annotation.segmentation?.rle(height: pixels.height, width: pixels.width))
            let shared = mask.intersectionArea(Self.bright(pixels))
            #expect(Double(shared) > 0.9 * Double(mask.area), "orientation \(index + 1)")
        }
    }

    /// Members with places are turned with the rest.
    @Test func keypointsAreTurned() throws {
        let data = try Self.dataset()
        let text = try String(decoding: FileSystem.read(data.file("labels.json")), as: UTF8.self)
        try AtomicFileWriter.write(
            text.replacing("\"id\": 51, ", with: "\"id\": 51, \"keypoints\": [1, 2, 2, 0, 0, 0], "),
            to: data.file("keypoints.json"))
        var options = ConversionOptions(
            input: data.file("keypoints.json"), images: data.file("images"), output: data.file("out"))
        options.target = "coco"
        // A quarter turn clockwise: x is counted from the left of what was the bottom; whole numbers are the middles of pixels,
        // so that row 2 from the top is column 2 from the right.
        options.targetFrame = .upright
        _ = try Conversion(
            options, makeWriter: { try COCOSetWriter(root: $1, categories: $0) }
        ) { try COCOSource(path: options.input) }.run()
        let (dataset, _) = try COCOReader.read(path: data.file("out/annotations.json"))
        let points = try #require(try dataset.annotations.first { $0.id == 51 }?.extra["keypoints"]?.parsed())
        #expect(points.array?.map(\.double) == [Double(Self.height - 1 - 2), 1, 2, 0, 0, 0])
    }
}
