import Foundation
import Images
import JSONText
import TestSupport
import Testing

@Suite struct InspectTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = directory.file(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func document(_ arguments: [String]) throws -> JSONValue {
        let outcome = try BuiltBinary.run(["inspect", "--json"] + arguments)
        #expect(outcome.status == 0, "\(outcome.stderr)")
        return try JSONDocument.parse(outcome.stdout)
    }

    static func picture(height: Int = 20, width: Int = 30) -> RGBImage {
        RGBImage(height: height, width: width, pixels: (0..<height * width * 3).map { UInt8($0 % 251) })
    }

    static let labels = """
        {"images": [{"id": 7, "file_name": "a.png", "width": 30, "height": 20},
                    {"id": 9, "file_name": "gone.png", "width": 5, "height": 5}],
         "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "iscrowd": 0, "area": 50, "bbox": [2, 3, 10, 5],
             "segmentation": [[2, 3, 12, 3, 12, 8, 2, 8]]},
            {"id": 2, "image_id": 7, "category_id": 3, "iscrowd": 1,
             "segmentation": {"size": [20, 30], "counts": [0, 40, 560]}},
            {"id": 3, "image_id": 7, "category_id": 4}],
         "categories": [{"id": 3, "name": "cell"}, {"id": 4, "name": "dust"}]}
        """

    // MARK: Images

    @Test func imageIsDescribed() throws {
        let path = try write("a.png", ImageCodec.encodePNG(Self.picture()))
        let outcome = try BuiltBinary.run(["inspect", path])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.contains("30 x 20 pixels"))
        let json = try document([path])
        #expect(json["kind"]?.string == "image" && json["format"]?.string == "png")
        #expect(json["width"]?.int == 30 && json["height"]?.int == 20 && json["bit_depth"]?.int == 8)
        #expect(json["is_truncated"]?.bool == false && json["is_decodable"]?.bool == true)
    }

    @Test func imageIsToldByContentNotName() throws {
        let path = try write("labels.json", ImageCodec.encodeJPEG(Self.picture()))
        #expect(try document([path])["format"]?.string == "jpeg")
    }

    @Test func imagePictureHoldsItsPixels() throws {
        let path = try write("a.png", ImageCodec.encodePNG(Self.picture()))
        let out = directory.file("out.png")
        #expect(try document([path, "--picture", out])["picture"]?.string == out)
        #expect(try ImageCodec.decodeRGB(Array(Data(contentsOf: URL(fileURLWithPath: out)))) == Self.picture())
    }

    @Test(arguments: ["png", "jpeg"])
    func truncatedImageIsDescribedAndFails(format: String) throws {
        let whole =
            format == "png" ? try ImageCodec.encodePNG(Self.picture()) : try ImageCodec.encodeJPEG(Self.picture())
        let path = try write("cut", Array(whole.dropLast(20)))
        let out = directory.file("out.png")
        let outcome = try BuiltBinary.run(["inspect", path, "--json", "--picture", out])
        #expect(outcome.status == 65)
        #expect(outcome.stderr.contains("truncated") && outcome.stderr.contains(path))
        let json = try JSONDocument.parse(outcome.stdout)
        #expect(json["is_truncated"]?.bool == true && json["is_decodable"]?.bool == false)
        #expect(json["width"]?.int == 30 && json["picture"] == nil)
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    // MARK: COCO

    @Test func labelsAreCounted() throws {
        let path = try write("labels.json", Array(Self.labels.utf8))
        let json = try document([path])
        #expect(json["kind"]?.string == "coco" && json["images"]?.int == 2 && json["annotations"]?.int == 3)
        #expect(json["images_with_objects"]?.int == 1 && json["crowds"]?.int == 1)
        #expect(json["segmentation"]?["polygons"]?.int == 1)
        #expect(json["segmentation"]?["none"]?.int == 1)
        #expect(json["segmentation"]?["uncompressed_rle"]?.int == 1)
        #expect(json["without_area"]?.int == 2 && json["without_bbox"]?.int == 2)
        let classes = json["categories"]?.array ?? []
        #expect(classes.map { $0["name"]?.string } == ["cell", "dust"])
        #expect(classes.map { $0["objects"]?.int } == [2, 1])
        #expect(json["record"] == nil)
        let text = try BuiltBinary.run(["inspect", path]).stdout
        #expect(text.contains("2 images (1 with objects), 3 annotations, 2 categories"))
    }

    @Test func oneRecordIsShownAndDrawn() throws {
        _ = try write("a.png", ImageCodec.encodePNG(Self.picture()))
        let path = try write("labels.json", Array(Self.labels.utf8))
        let out = directory.file("out.png")
        let outcome = try BuiltBinary.run(["inspect", path, "--json", "--record", "0", "--picture", out])
        #expect(outcome.status == 0)
        // The third annotation has no mask; that is said, and the others are drawn.
        #expect(outcome.stderr.contains("annotation 3 has neither"))
        let record = try #require(try JSONDocument.parse(outcome.stdout)["record"])
        #expect(record["image_id"]?.int == 7 && record["file_name"]?.string == "a.png")
        #expect(record["annotations"]?.array?.map { $0["class"]?.string } == ["cell", "cell", "dust"])
        let drawn = try ImageCodec.decodeRGB(Array(Data(contentsOf: URL(fileURLWithPath: out))))
        // Two panels of the image at 17 times its size, with a strip for titles above.
        #expect(drawn.width == 2 * 30 * 17 + 6 && drawn.height > 20 * 17)
        let strip = drawn.height - 20 * 17
        let source = Self.picture()
        let object = (row: strip + 5 * 17 + 8, column: 6 * 17 + 8)
        #expect(drawn[object.row, object.column] == source[5, 6])
        #expect(drawn[object.row, object.column + 30 * 17 + 6] != source[5, 6])
    }

    @Test func recordThatIsNotThereIsAUsageError() throws {
        let path = try write("labels.json", Array(Self.labels.utf8))
        let outcome = try BuiltBinary.run(["inspect", path, "--record", "2"])
        #expect(outcome.status == 64)
        #expect(outcome.stderr.contains("0 to 1"))
        #expect(try BuiltBinary.run(["inspect", path, "--record", "-1"]).status == 64)
    }

    @Test func missingImageOfARecord() throws {
        let path = try write("labels.json", Array(Self.labels.utf8))
        let out = directory.file("out.png")
        let outcome = try BuiltBinary.run(["inspect", path, "--record", "1", "--picture", out])
        #expect(outcome.status == 66)
        #expect(outcome.stderr.contains("gone.png"))
        let wrong = try BuiltBinary.run(["inspect", path, "--images", directory.file("none"), "--picture", out])
        #expect(wrong.status == 66)
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func imageOfAnotherSizeIsNotDrawnOn() throws {
        _ = try write("a.png", ImageCodec.encodePNG(Self.picture(height: 30, width: 20)))
        let path = try write("labels.json", Array(Self.labels.utf8))
        let outcome = try BuiltBinary.run(["inspect", path, "--picture", directory.file("out.png")])
        #expect(outcome.status == 65)
        #expect(outcome.stderr.contains("20 x 30") && outcome.stderr.contains("30 x 20"))
    }

    // MARK: Wrong inputs

    @Test func nothingThere() throws {
        let outcome = try BuiltBinary.run(["inspect", directory.file("none.png")])
        #expect(outcome.status == 66)
        #expect(outcome.stdout.isEmpty && outcome.stderr.contains("none.png"))
    }

    @Test func directoryOfNothingKnown() throws {
        let outcome = try BuiltBinary.run(["inspect", directory.path])
        #expect(outcome.status == 65)
        #expect(outcome.stderr.contains("manifest.json"))
    }

    @Test(arguments: [
        ("empty", ""), ("notes.txt", "a text"), ("other.json", "{\"a\": 1, \"b\": [2]}"), ("list.json", "[1, 2]"),
        ("cut.json", "{\"images\": [{\"id\": 1, \"file_na"), ("cut2.json", "{\"info\": {\"ye"),
        ("bad.png", "\u{89}PNG nearly"), ("x.safetensors", "not tensors"), ("x.tfrecord", "not records"),
    ])
    func whatIsNotKnownIsBadInput(name: String, content: String) throws {
        let path = try write(name, Array(content.utf8))
        let outcome = try BuiltBinary.run(["inspect", path])
        #expect(outcome.status == 65, "\(outcome.stderr)")
        #expect(outcome.stdout.isEmpty && outcome.stderr.contains(name))
    }

    @Test func optionsThatDoNotApply() throws {
        let path = try write("a.png", ImageCodec.encodePNG(Self.picture()))
        for options in [["--record", "0"], ["--images", "."]] {
            let outcome = try BuiltBinary.run(["inspect", path] + options)
            #expect(outcome.status == 64 && outcome.stdout.isEmpty)
        }
        let unwritable = try BuiltBinary.run(["inspect", path, "--picture", directory.file("no/such/out.png")])
        #expect(unwritable.status == 74)
    }
}
