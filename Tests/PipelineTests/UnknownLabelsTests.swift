import Annotations
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// An image whose labels cannot be read is no image of nothing: it is left out, and whoever wants to know is told.
@Suite struct UnknownLabelsTests {
    private static func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for folder in ["s", "s/JPEGImages", "s/Annotations", "s/images"] {
            try FileSystem.createDirectory(directory.file(folder))
        }
        return directory
    }

    private static func picture() throws -> [UInt8] {
        try ImageCodec.encodePNG(RGBImage(height: 30, width: 40, filling: RGBColour(9, 9, 9)))
    }

    /// The format, the files of a set of two images of which the second one's labels are broken.
    static let sets: [(format: LabelFormat, files: [(name: String, text: String)], images: [String])] = [
        (
            .labelme,
            [
                ("s/a.json", shapes("[1,1],[9,1],[9,9]")), ("s/b.json", shapes("[NaN,1],[9,1],[9,9]")),
            ], ["s/a.png", "s/b.png"]
        ),
        (
            .voc,
            [
                ("s/Annotations/a.xml", voc), ("s/Annotations/b.xml", String(voc.prefix(120))),
            ], ["s/JPEGImages/a.png", "s/JPEGImages/b.png"]
        ),
        (
            .cvat,
            [
                (
                    "s/annotations.xml",
                    "<annotations><meta><task><labels><label><name>c</name></label></labels></task></meta>"
                        + "<image id=\"0\" name=\"a.png\" width=\"40\" height=\"30\"><box label=\"c\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/></image>"
                        + "<image id=\"1\" name=\"b.png\" width=\"40\" height=\"30\">"
                        + String(repeating: "<a>", count: 20_000) + String(repeating: "</a>", count: 20_000)
                        + "</image></annotations>"
                )
            ], ["s/images/a.png", "s/images/b.png"]
        ),
    ]

    private static func shapes(_ points: String) -> String {
        "{\"imagePath\": null, \"imageWidth\": 40, \"imageHeight\": 30, \"shapes\": [{\"label\": \"c\", \"points\": [\(points)], \"shape_type\": \"polygon\"}]}"
    }

    private static let voc =
        "<annotation><filename>x.png</filename><size><width>40</width><height>30</height></size><object><name>c</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"

    @Test(arguments: sets.indices)
    func theImageIsDropped(index: Int) throws {
        let (format, files, images) = Self.sets[index]
        let data = try Self.directory()
        for (name, text) in files { try AtomicFileWriter.write(text, to: data.file(name)) }
        for image in images { try AtomicFileWriter.write(try Self.picture(), to: data.file(image)) }
        let source = try format.open(data.file("s"))
        var options = ConversionOptions(
            input: data.file("s"), images: source.imagesDirectory ?? data.file("s"), output: data.file("out"))
        let summary = try Conversion(options) { source }.run()
        #expect(summary.images == 1 && summary.objects == 1 && summary.droppedImages == 1 && summary.hasDrops)
        let count = try #require(summary.counts.first { $0.rule == LabelRule.unreadable })
        #expect(count.isDrop && count.subject == .image && count.severity == .error && count.ids == ["2"])
        options.output = data.file("strict")
        options.dropPolicy = .fail
        let error = #expect(throws: PipelineError.self) { try Conversion(options) { source }.run() }
        #expect(error?.code == .dropped)
    }

    /// Of an archive that is cut off, nobody knows what is lost.
    @Test func cutArchivesAreAnErrorOfTheWhole() throws {
        let data = try Self.directory()
        let writer = try SegmentAnythingWriter(root: data.file("whole"), categories: [COCOCategory(id: 1, name: "c")])
        var filled = writer
        for id in 1...4 {
            let image = COCOImage(id: .integer(Int64(id)), fileName: "\(id).png", width: 40, height: 30)
            _ = try filled.write(LabelledImage(image: image, encoded: try Self.picture(), objects: []))
        }
        try filled.finish()
        let tar = try FileSystem.read(data.file("whole/sa_000000.tar"))
        try FileSystem.createDirectory(data.file("cut"))
        try AtomicFileWriter.write(Array(tar.prefix(tar.count / 2)), to: data.file("cut/sa_000000.tar"))
        let source = try SegmentAnythingSource(path: data.file("cut"))
        #expect((1...3).contains(source.images.count))
        var options = ConversionOptions(input: data.file("cut"), images: data.file("cut"), output: data.file("out"))
        let summary = try Conversion(options) { source }.run()
        #expect(summary.hasDrops && summary.cutFiles == 1 && summary.droppedImages == 0)
        options.output = data.file("fail")
        options.dropPolicy = .fail
        #expect(throws: PipelineError.self) { try Conversion(options) { source }.run() }
        #expect(!FileSystem.exists(data.file("fail")))
        // The whole one is as good as ever.
        let whole = try SegmentAnythingSource(path: data.file("whole"))
        options.output = data.file("good")
        #expect(try Conversion(options) { whole }.run().images == 4)
    }

    /// A box without a mask has an area: its own.
    @Test func boxesHaveAreas() throws {
        let data = try Self.directory()
        try AtomicFileWriter.write("names: [c]\n", to: data.file("s/data.yaml"))
        try FileSystem.createDirectory(data.file("s/labels"))
        try AtomicFileWriter.write(try Self.picture(), to: data.file("s/images/a.png"))
        try AtomicFileWriter.write("0 0.5 0.5 0.25 0.2\n0 0.5 0.5 0.1 0.1\n", to: data.file("s/labels/a.txt"))
        let source = try LabelFormat.yolo.open(data.file("s"))
        var options = ConversionOptions(
            input: data.file("s"), images: source.imagesDirectory ?? "", output: data.file("out"))
        options.target = "coco"
        _ = try Conversion(options, makeWriter: { try COCOSetWriter(root: $1, categories: $0) }) { source }.run()
        let (dataset, _) = try COCOReader.read(path: data.file("out/annotations.json"))
        #expect(dataset.annotations.map { $0.area.map { ($0 * 1e6).rounded() / 1e6 } } == [60, 12])
        // Filters count it as well.
        options.existingOutput = .replace
        var filter = FilterSettings()
        filter.minimumArea = 30
        options.chain = try SampleChain([FilterStage(filter)])
        let kept = try Conversion(options, makeWriter: { try COCOSetWriter(root: $1, categories: $0) }) { source }.run()
        #expect(kept.objects == 1)
    }

    /// What an outline without a pixel covers is nothing, whatever its box.
    @Test func outlinesWithoutPixelsHaveNone() {
        let empty = LabelledObject(
            annotation: COCOAnnotation(
                id: 1, imageID: 1, categoryID: 1, segmentation: .polygons([[1, 1, 1, 1, 1, 1]]),
                bbox: Box(x: 1, y: 1, width: 5, height: 4), area: nil, crowdFlag: nil),
            mask: RLE(Bitmap(height: 9, width: 9)))
        #expect(!empty.isBoxOnly && empty.coveredArea == 0)
        var box = empty
        box.annotation.segmentation = nil
        #expect(box.isBoxOnly && box.coveredArea == 20)
    }
}
