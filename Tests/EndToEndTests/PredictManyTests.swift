import Foundation
import Images
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata predict` with prompts from a file, all masks, logits and a cache.
@Suite struct PredictManyTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")

    /// `images/a.png`, `images/b.png`, `rough.png` of the first one's size.
    private static func prepared() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        for (name, height, width) in [("a", 48, 60), ("b", 33, 25)] {
            let pixels = (0..<height * width * 3).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 / 180) &* 13) }
            try AtomicFileWriter.write(
                ImageCodec.encodePNG(RGBImage(height: height, width: width, pixels: pixels)),
                to: directory.file("images/\(name).png"))
        }
        let mask = (0..<48 * 60).map { $0 % 60 < 20 ? 255 as UInt8 : 0 }
        try AtomicFileWriter.write(
            ImageCodec.encodePNG(gray: mask, width: 60, height: 48), to: directory.file("rough.png"))
        try AtomicFileWriter.write(
            """
            {"images": [
              {"file_name": "a.png", "objects": [
                {"box": [5, 6, 40, 30]}, {"points": [[30, 20]]}, {"points": [[30, 20, 1], [3, 3, 0]], "box": [1, 2, 50, 40]},
                {"mask": "rough.png"}]},
              {"file_name": "b.png", "objects": [{"points": [[10, 10], [12, 20], [20, 3, 0]]}]}]}
            """, to: directory.file("prompts.json"))
        return directory
    }

    private static func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["predict"] + arguments + ["--weights", weights], in: directory.path)
    }

    private static func document(_ arguments: [String], in directory: TemporaryDirectory) throws -> JSONValue {
        let run = try run(arguments + ["--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("predict").violations(of: document) == [])
        return document
    }

    /// Ragged prompts in one go give what each gives alone.
    @Test func aFileOfPromptsGivesWhatEachGivesAlone() throws {
        let directory = try Self.prepared()
        let document = try Self.document(
            ["images", "--prompts", "prompts.json", "-o", "out.json", "--picture", "pictures"], in: directory)
        #expect(
            try JSONSchemaCheck("prompts").violations(of: JSONDocument.read(path: directory.file("prompts.json"))) == []
        )
        let images = try #require(document["images"]?.array)
        #expect(images.map { $0["image"] } == ["a.png", "b.png"])
        #expect(images.map { $0["objects"]?.array?.count } == [4, 1])
        for (image, object, arguments) in [
            (0, 0, ["images/a.png", "--box", "5,6,40,30"]), (0, 1, ["images/a.png", "--point", "30,20"]),
            (0, 2, ["images/a.png", "--box", "1,2,50,40", "--point", "30,20", "--point", "3,3,0"]),
            (0, 3, ["images/a.png", "--mask", "rough.png"]),
            (1, 0, ["images/b.png", "--point", "10,10", "--point", "12,20", "--point", "20,3,0"]),
        ] {
            let alone = try Self.document(arguments, in: directory)["images"]?[0]?["objects"]?[0]?["masks"]
            #expect(images[image]["objects"]?[object]?["masks"] == alone, "\(arguments)")
        }
        let dataset = try JSONDocument.read(path: directory.file("out.json"))
        #expect(dataset["images"]?.array?.map { $0["width"] } == [60, 25])
        #expect(dataset["annotations"]?.array?.map { $0["image_id"] } == [1, 1, 1, 1, 2])
        #expect(try FileSystem.list(directory.file("pictures")).sorted() == ["a.png.png", "b.png.png"])
    }

    /// All three masks, and their logits, which are a prompt in turn.
    @Test func allMasksAndLogitsComeOnRequest() throws {
        let directory = try Self.prepared()
        let point = ["images/a.png", "--point", "30,20"]
        let document = try Self.document(
            point + ["--multimask", "--logits", "all.safetensors", "-o", "all.json"], in: directory)
        let masks = try #require(document["images"]?[0]?["objects"]?[0]?["masks"]?.array)
        let best = try Self.document(point + ["--logits", "best.safetensors"], in: directory)
        let chosen = try #require(best["images"]?[0]?["objects"]?[0]?["masks"]?.array)
        #expect(masks.count == 3 && chosen.count == 1 && masks.contains(chosen[0]))
        let scores = masks.compactMap { $0["predicted_iou"]?.double }
        #expect(chosen[0]["predicted_iou"]?.double == scores.max())
        let annotations = try #require(JSONDocument.read(path: directory.file("all.json"))["annotations"]?.array)
        #expect(annotations.map { $0["mask_index"] } == [0, 1, 2])
        let tensors = try JSONDocument.parse(
            BuiltBinary.run(["inspect", "all.safetensors", "--json"], in: directory.path).stdout)["tensor_list"]
        #expect(tensors?[0]?["shape"] == [1, 3, 32, 32] && tensors?[1]?["shape"] == [1, 3])

        let again = try Self.document(point + ["--mask", "best.safetensors"], in: directory)
        #expect(again["images"]?[0]?["objects"]?[0]?["masks"]?[0] != chosen[0])
        let wrong = try Self.run(point + ["--mask", "all.safetensors"], in: directory)
        #expect(wrong.status == 65 && wrong.stderr.contains("[1, 3, 32, 32]"), "\(wrong.stderr)")
    }

    /// The second time the encoder has nothing to do, and the answer is the same to the byte.
    @Test(arguments: ["f32", "f16"]) func aCacheChangesNothing(precision: String) throws {
        let directory = try Self.prepared()
        let arguments = ["images", "--prompts", "prompts.json", "--precision", precision, "--cache", "cache"]
        let first = try Self.document(arguments, in: directory)
        let files = try FileSystem.list(directory.file("cache"))
        #expect(files.count == 2)
        #expect(try Self.document(arguments, in: directory) == first)
        #expect(try FileSystem.list(directory.file("cache")) == files)
        if precision == "f32" { #expect(try Self.document(Array(arguments.dropLast(2)), in: directory) == first) }
        try AtomicFileWriter.write("broken", to: directory.file("cache/" + files[0]))
        let mended = try Self.run(arguments, in: directory)
        #expect(mended.status == 0 && mended.stderr.contains("written anew"))
    }

    /// A recipe and another input size change the answer, and are told.
    @Test func recipeAndInputSizeAreTaken() throws {
        let directory = try Self.prepared()
        let box = ["images/a.png", "--box", "5,6,40,30"]
        let plain = try Self.document(box, in: directory)["images"]
        let medical = try Self.document(box + ["--preprocessing", "medsam"], in: directory)["images"]
        let smaller = try Self.run(box + ["--image-size", "48", "--json"], in: directory)
        #expect(smaller.status == 0 && smaller.stderr.contains("48 pixels instead of 64"), "\(smaller.stderr)")
        #expect(try plain != medical && JSONDocument.parse(smaller.stdout)["images"] != plain)
        let wrong = try Self.run(box + ["--preprocessing", "sam3"], in: directory)
        #expect(wrong.status == 64 && wrong.stderr.contains("medsam"))
    }

    @Test(
        arguments: [
            (#"{"images": []}"#, 65, "images must be an array"), (#"{"image": 1}"#, 65, "the key \"image\""),
            (
                #"{"images": [{"file_name": "a.png", "objects": [{"points": [[1, 2, 0]]}]}]}"#, 65,
                "does not say what to segment"
            ),
            (#"{"images": [{"file_name": "a.png", "objects": [{"points": [[1]]}]}]}"#, 65, "points[0] is [1]"),
            (#"{"images": [{"file_name": "a.png", "objects": [{"points": [[1, 2, 7]]}]}]}"#, 65, "label 7"),
            (#"{"images": [{"file_name": "a.png", "objects": [{"box": [1, 2, "x", 4]}]}]}"#, 65, "[x0, y0, x1, y1]"),
            (#"{"images": [{"file_name": "a.png", "objects": [{"bbox": [1, 2, 3, 4]}]}]}"#, 65, "\"bbox\""),
            (
                #"{"images": [{"file_name": "a.png", "objects": [{"box": [1, 2, 300, 4]}]}]}"#, 65,
                "images[0].objects[0]: box"
            ),
            (#"{"images": [{"file_name": "c.png", "objects": [{"box": [1, 2, 3, 4]}]}]}"#, 66, "c.png"),
            (#"{"images": [{"objects": [{"box": [1, 2, 3, 4]}]}]}"#, 65, "file_name"), ("{", 65, "prompts.json"),
            (
                #"{"images": [{"file_name": "a.png", "objects": [{"box": [1, 2, 3, 4]}]}, {"file_name": "b.png", "objects": [{"points": [[1, 99]]}]}]}"#,
                65, "images[1].objects[0]: point"
            ),
            (
                #"{"images": [{"file_name": "a.png", "objects": [{"box": [1, 2, 3, 4]}]}, {"file_name": "a.png", "objects": [{"box": [1, 2, 3, 4]}]}]}"#,
                65, "names a.png again"
            ),
            (#"{"images": [{"file_name": "a.png", "objects": [{"mask": "none.png"}]}]}"#, 66, "none.png"),
        ] as [(String, Int32, String)])
    func wrongFilesOfPromptsAreNamed(text: String, status: Int32, words: String) throws {
        let directory = try Self.prepared()
        try AtomicFileWriter.write(text, to: directory.file("prompts.json"))
        let run = try Self.run(["images", "--prompts", "prompts.json"], in: directory)
        #expect(run.status == status && run.stderr.contains(words) && run.stdout.isEmpty, "\(run.status) \(run.stderr)")
    }

    @Test(arguments: [
        (["images", "--prompts", "prompts.json", "--box", "1,2,3,4"], "do not go with it"),
        (["images", "--prompts", "prompts.json", "-o", "x.png"], ".json"),
        (["images/a.png", "--box", "1,2,9,9", "--multimask", "-o", "x.png"], "--multimask"),
        (["images/a.png", "--box", "1,2,9,9", "--logits", "x.npy"], ".safetensors"),
    ])
    func wrongCombinationsAreNamed(arguments: [String], words: String) throws {
        let run = try Self.run(arguments, in: Self.prepared())
        #expect(run.status == 64 && run.stderr.contains(words), "\(run.stderr)")
    }

    /// Nothing that is read is written over.
    @Test func inputsAreKept() throws {
        let directory = try Self.prepared()
        let image = directory.file("images/a.png")
        let before = try FileSystem.read(image)
        try FileManager.default.createSymbolicLink(atPath: directory.file("link.png"), withDestinationPath: image)
        for arguments in [
            ["images/a.png", "--box", "1,2,9,9", "-o", "images/../images/a.png"],
            ["images/a.png", "--box", "1,2,9,9", "--picture", "link.png"],
            ["images/a.png", "--mask", "rough.png", "-o", "rough.png"],
        ] {
            let run = try Self.run(arguments, in: directory)
            #expect(run.status == 64 && run.stderr.contains("is an input"), "\(run.status) \(run.stderr)")
        }
        for picture in ["images", "./images/"] {
            let run = try BuiltBinary.run(
                ["segment", "images", "--weights", Self.weights, "-o", "x.json", "--force", "--picture", picture],
                in: directory.path)
            #expect(run.status == 64 && run.stderr.contains("is an input"), "\(run.status) \(run.stderr)")
        }
        #expect(try FileSystem.read(image) == before)
    }

    /// EfficientSAM knows neither background points nor masks, and says so.
    @Test func limitsOfAFamilyAreNamed() throws {
        let directory = try Self.prepared()
        let weights = Repository.fixture("SAM/efficient/weights.safetensors")
        for (prompt, words) in [
            (["--point", "9,9", "--point", "3,3,0"], "background points"),
            (["--mask", "rough.png"], "no mask prompts"),
            (["--box", "1,1,20,20"] + (0..<5).flatMap { ["--point", "\($0 + 3),5"] }, "6 points at most"),
        ] {
            let run = try BuiltBinary.run(
                ["predict", "images/a.png", "--weights", weights] + prompt, in: directory.path)
            #expect(run.status == 64 && run.stderr.contains(words), "\(run.status) \(run.stderr)")
        }
        let run = try BuiltBinary.run(
            ["predict", "images/a.png", "--weights", weights, "--box", "1,1,20,20", "--point", "5,5"],
            in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
    }
}
