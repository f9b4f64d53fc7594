import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// `samdata predict` as a user runs it, on a tiny model with random weights.
@Suite struct PredictTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")
    private static let (height, width) = (48, 60)

    /// A directory with `photo.png`, and `rough.png`: a mask of the same size.
    private static func prepared() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let pixels = (0..<height * width * 3).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 / 180) &* 13) }
        let image = RGBImage(height: height, width: width, pixels: pixels)
        try AtomicFileWriter.write(ImageCodec.encodePNG(image), to: directory.file("photo.png"))
        let mask = (0..<height * width).map { $0 % width < 20 ? 255 as UInt8 : 0 }
        try AtomicFileWriter.write(
            ImageCodec.encodePNG(gray: mask, width: width, height: height), to: directory.file("rough.png"))
        return directory
    }

    private static func predict(
        _ arguments: [String], in directory: TemporaryDirectory, weights: String = Self.weights
    ) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["predict", "photo.png", "--weights", weights] + arguments, in: directory.path)
    }

    private static func json(_ text: String) throws -> JSONValue { try JSONDocument.parse(text) }

    /// The masks of the only image in a report, one an object.
    private static func masks(_ document: JSONValue) throws -> [JSONValue] {
        let images = try #require(document["images"]?.array)
        #expect(images.count == 1)
        return try #require(images[0]["objects"]?.array).map { object in
            let masks = try #require(object["masks"]?.array)
            #expect(masks.count == 1)
            return masks[0]
        }
    }

    private static func rle(_ segmentation: JSONValue?) throws -> RLE {
        let counts = try #require(segmentation?["counts"]?.string)
        #expect(segmentation?["size"] == [48, 60])
        return try RLE(height: height, width: width, compressed: Array(counts.utf8))
    }

    /// Weights in half the memory find nearly the same object, and are rounded indeed.
    @Test(arguments: [("bf16", 0.9), ("f16", 0.98)]) func weightsMayTakeHalfTheMemory(
        precision: String, agreement: Double
    ) throws {
        let directory = try TemporaryDirectory()
        let samples = Repository.root + "/samples/nuclei"
        let images = try FileSystem.list(samples + "/images")
        let image = try #require(images.first)
        func mask(_ options: [String]) throws -> (rle: RLE, iou: Double) {
            let run = try BuiltBinary.run(
                [
                    "predict", samples + "/images/" + image, "--weights", samples + "/nano.safetensors", "--box",
                    "20,20,90,80", "-o", "mask.json",
                ] + options, in: directory.path)
            #expect(run.status == 0, "\(run.stderr)")
            let document = try JSONDocument.read(path: directory.file("mask.json"))
            let annotation = try #require(document["annotations"]?.array?.first)
            let sizes = try #require(annotation["segmentation"]?["size"]?.array)
            let size = sizes.compactMap(\.int)
            let counts = try #require(annotation["segmentation"]?["counts"]?.string)
            return (
                try RLE(height: size[0], width: size[1], compressed: Array(counts.utf8)),
                try #require(annotation["score"]?.double)
            )
        }
        let whole = try mask([])
        let half = try mask(["--precision", precision])
        let common = whole.rle.intersectionArea(half.rle)
        let union = whole.rle.area + half.rle.area - common
        #expect(whole.rle.area > 100 && Double(common) > agreement * Double(union), "\(common) of \(union)")
        #expect(whole.iou != half.iou, "the weights must be rounded")
    }

    @Test func oneBoxGivesABinaryMaskAndATable() throws {
        let directory = try Self.prepared()
        let run = try Self.predict(
            ["--box", "5,6,40,30", "-o", "mask.png", "--picture", "picture.png"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("predicted IoU") && run.stdout.contains("masks: mask.png"))
        let mask = try ImageCodec.decodeLabels(FileSystem.read(directory.file("mask.png")))
        #expect(mask.width == Self.width && mask.height == Self.height && mask.channels == 1)
        #expect(Set(mask.values) == [0, 255])
        let picture = try ImageCodec.decodeRGB(FileSystem.read(directory.file("picture.png")))
        #expect(picture.width % Self.width == 0 && picture.width >= Self.width)
    }

    @Test func severalBoxesGiveSeveralObjects() throws {
        let directory = try Self.prepared()
        let boxes = ["--box", "5,6,40,30", "--box", "20,20,59,47", "--point", "50,40,0"]
        let written = try Self.predict(boxes + ["-o", "map.png", "--json"], in: directory)
        #expect(written.status == 0, "\(written.stderr)")
        let document = try Self.json(written.stdout)
        let objects = try Self.masks(document)
        #expect(document["command"] == "predict" && document["images"]?[0]?["width"] == 60 && objects.count == 2)
        #expect(try JSONSchemaCheck("predict").violations(of: document) == [])
        let masks = try objects.map { try Self.rle($0["segmentation"]) }
        #expect(zip(masks, objects).allSatisfy { $0.area == $1["area"]?.int })

        // The map holds the objects' numbers, the one with the better prediction on top.
        let map = try ImageCodec.decodeLabels(FileSystem.read(directory.file("map.png")))
        let scores = objects.compactMap { $0["predicted_iou"]?.double }
        let order = scores[0] < scores[1] ? [1, 0] : [0, 1]
        let bitmaps = masks.map { $0.bitmap().pixels }
        let expected = (0..<Self.height * Self.width).map { pixel in
            UInt16((order.first { bitmaps[$0][pixel] == 1 } ?? -1) + 1)
        }
        #expect(map.values == expected)

        let coco = try Self.predict(boxes + ["-o", "masks.json"], in: directory)
        #expect(coco.status == 0)
        let dataset = try Self.json(String(contentsOfFile: directory.file("masks.json"), encoding: .utf8))
        let annotations = try #require(dataset["annotations"]?.array)
        #expect(try annotations.map { try Self.rle($0["segmentation"]) } == masks)
        #expect(annotations.compactMap { $0["score"]?.double } == scores)
        #expect(dataset["images"]?[0]?["file_name"] == "photo.png")
    }

    @Test func pointsAndAMaskSpeakOfOneObject() throws {
        let directory = try Self.prepared()
        for prompt in [
            ["--point", "30,20"], ["--point", "30,20,1", "--point", "3,3,0"], ["--mask", "rough.png"],
            ["--mask", "rough.png", "--point", "30,20", "--box", "5,6,40,30"],
        ] {
            let run = try Self.predict(prompt + ["--json"], in: directory)
            #expect(run.status == 0, "\(prompt): \(run.stderr)")
            #expect(try Self.masks(Self.json(run.stdout)).count == 1)
        }
    }

    /// Of two boxes around a point, the smaller one has it.
    @Test func aPointBelongsToTheSmallestBox() throws {
        let directory = try Self.prepared()
        func objects(_ arguments: [String]) throws -> [JSONValue] {
            try Self.masks(Self.json(Self.predict(arguments + ["--json"], in: directory).stdout))
        }
        let (large, small, point) = (["--box", "0,0,60,48"], ["--box", "10,10,30,30"], ["--point", "20,20"])
        let together = try objects(large + small + point)
        let largeAlone = try objects(large)[0]
        let smallWithPoint = try objects(small + point)[0]
        #expect(together[0]["segmentation"] == largeAlone["segmentation"])
        #expect(together[1]["segmentation"] == smallWithPoint["segmentation"])
        #expect(try objects(small)[0]["predicted_iou"] != smallWithPoint["predicted_iou"])
    }

    @Test func resultDependsOnNoThread() throws {
        let directory = try Self.prepared()
        let arguments = ["--box", "5,6,40,30", "--box", "20,20,59,47", "--json", "--threads"]
        let runs = try ["1", "2", "3"].map { try Self.predict(arguments + [$0], in: directory).stdout }
        #expect(runs[0] == runs[1] && runs[0] == runs[2] && !runs[0].isEmpty)
    }

    /// Wrong input: exit code, and words of the message.
    @Test(
        arguments: [
            ([], 64, "Nothing says what to segment"),
            (["--point", "3,3,0"], 64, "background alone"),
            (["--point", "61,3"], 64, "outside the image, which is 60 x 48"),
            (["--point", "-1,3"], 64, "outside"),
            (["--point", "3"], 64, "--point"),
            (["--point", "3,4,2"], 64, "--point"),
            (["--point", "nan,4"], 64, "--point"),
            (["--box", "1,2,3"], 64, "--box"),
            (["--box", "30,6,20,30"], 64, "empty"),
            (["--box", "3,6,20,300"], 64, "outside"),
            (["--box", "1,1,9,9", "--box", "20,20,40,40", "--point", "50,3"], 64, "none of the 2 boxes"),
            (["--box", "1,1,9,9", "--box", "20,20,40,40", "--mask", "rough.png"], 64, "one object"),
            (["--box", "1,1,9,9", "-o", "mask.bmp"], 64, ".png or .json"),
            (["--box", "1,1,9,9", "-o", "nowhere/mask.png"], 74, "nowhere"),
            (["--mask", "missing.png"], 66, "missing.png"),
            (["--mask", "small.png"], 65, "8 x 8"),
            (["--mask", "black.png"], 65, "shows no object"),
        ] as [([String], Int32, String)])
    func wrongPromptsAreNamed(arguments: [String], status: Int32, words: String) throws {
        let directory = try Self.prepared()
        let small = [UInt8](repeating: 255, count: 64)
        try AtomicFileWriter.write(
            ImageCodec.encodePNG(gray: small, width: 8, height: 8), to: directory.file("small.png"))
        let black = [UInt8](repeating: 0, count: Self.height * Self.width)
        try AtomicFileWriter.write(
            ImageCodec.encodePNG(gray: black, width: Self.width, height: Self.height), to: directory.file("black.png"))
        let run = try Self.predict(arguments, in: directory)
        #expect(run.status == status, "\(run.stderr)")
        #expect(run.stderr.contains(words), "\(run.stderr)")
        #expect(run.stdout.isEmpty)
    }

    @Test func wrongWeightsAreNamed() throws {
        let directory = try Self.prepared()
        let bytes = try FileSystem.read(Self.weights)
        try AtomicFileWriter.write(Array(bytes[..<(bytes.count / 2)]), to: directory.file("half.safetensors"))
        try AtomicFileWriter.write([], to: directory.file("empty.safetensors"))
        try FileSystem.createDirectory(directory.file("folder"))
        for (weights, status, words) in [
            ("missing.safetensors", 66, "missing.safetensors"), ("half.safetensors", 65, "bytes"),
            ("empty.safetensors", 65, "too few"), ("photo.png", 65, "a PNG image"), ("folder", 66, "model.safetensors"),
        ] as [(String, Int32, String)] {
            let run = try Self.predict(["--point", "3,3"], in: directory, weights: weights)
            #expect(run.status == status && run.stderr.contains(words), "\(weights): \(run.status) \(run.stderr)")
        }
    }

    @Test func wrongImagesAreNamed() throws {
        let directory = try Self.prepared()
        let bytes = try FileSystem.read(directory.file("photo.png"))
        try AtomicFileWriter.write(Array(bytes[..<(bytes.count / 2)]), to: directory.file("half.png"))
        try AtomicFileWriter.write("not an image", to: directory.file("text.png"))
        for (image, status) in [("missing.png", 66), ("half.png", 65), ("text.png", 65), (".", 66)] as [(String, Int32)]
        {
            let run = try BuiltBinary.run(
                ["predict", image, "--weights", Self.weights, "--point", "3,3"], in: directory.path)
            #expect(run.status == status, "\(image): \(run.status) \(run.stderr)")
            #expect(run.stderr.contains(image) && run.stdout.isEmpty)
        }
    }
}
