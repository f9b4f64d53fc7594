import Foundation
import Images
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata export`: weights in other forms are the same model.
@Suite struct ExportTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")

    /// A directory with an image, and the mask that the weights find in it.
    private static func prediction(_ weights: String, in directory: TemporaryDirectory) throws -> JSONValue {
        let image = directory.file("photo.png")
        if !FileSystem.exists(image) {
            let pixels = (0..<40 * 50 * 3).map { UInt8(truncatingIfNeeded: $0 &* 5 ^ ($0 / 150) &* 11) }
            try AtomicFileWriter.write(
                ImageCodec.encodePNG(RGBImage(height: 40, width: 50, pixels: pixels)), to: image)
        }
        let run = try BuiltBinary.run(
            ["predict", "photo.png", "--weights", weights, "--box", "5,6,40,30", "--json"], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        return try #require(JSONDocument.parse(run.stdout)["images"])
    }

    @Test(arguments: [
        ("model.pth", [], "PyTorch zip archive"), ("folder", [], "safetensors"),
        ("named.bin", ["--to", "pth"], "PyTorch zip archive"), ("copy.safetensors", [], "safetensors"),
    ])
    func everyFormFindsTheSameMask(output: String, options: [String], format: String) throws {
        let directory = try TemporaryDirectory()
        let expected = try Self.prediction(Self.weights, in: directory)
        let run = try BuiltBinary.run(
            ["export", Self.weights, "-o", output, "--json"] + options, in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("export").violations(of: document) == [])
        #expect(document["tensors"] == 188)
        #expect(try Self.prediction(output, in: directory) == expected)
        let inspected = try BuiltBinary.run(["inspect", output, "--json"], in: directory.path)
        let inspection = try JSONDocument.parse(inspected.stdout)
        #expect(try JSONSchemaCheck("inspect").violations(of: inspection) == [])
        #expect(inspection["format"]?.string == format && inspection["model"]?["family"] == "sam")
        #expect(inspection["tensors"] == 188)
    }

    /// What shapes do not tell, such as the number of the decoder's heads, travels with a .pth too, and is told.
    @Test func aPthKeepsTheConfiguration() throws {
        let directory = try TemporaryDirectory()
        let nano = Repository.root + "/samples/nuclei/nano.safetensors"
        let run = try BuiltBinary.run(["export", nano, "-o", "nano.pth"], in: directory.path)
        #expect(run.status == 0 && run.stderr.contains(#""transformer_num_heads":4"#), "\(run.stderr)")
        let expected = try Self.prediction(nano, in: directory)
        #expect(try Self.prediction("nano.pth", in: directory) == expected)
    }

    /// A recipe that was given once holds in every command after it.
    @Test func aRecipeTravels() throws {
        let directory = try TemporaryDirectory()
        let expected = try Self.prediction(Self.weights, in: directory)
        for output in ["medical.safetensors", "medical.pth"] {
            let run = try BuiltBinary.run(
                ["export", Self.weights, "--preprocessing", "medsam", "-o", output], in: directory.path)
            #expect(run.status == 0, "\(run.stderr)")
            #expect(try Self.prediction(output, in: directory) != expected)
            let given = try BuiltBinary.run(
                [
                    "predict", "photo.png", "--weights", Self.weights, "--preprocessing", "medsam", "--box",
                    "5,6,40,30",
                    "--json",
                ], in: directory.path)
            #expect(try JSONDocument.parse(given.stdout)["images"] == Self.prediction(output, in: directory))
        }
        let folder = try BuiltBinary.run(
            ["export", "medical.pth", "-o", "folder"], in: directory.path)
        #expect(folder.status == 65 && folder.stderr.contains("SamProcessor"), "\(folder.stderr)")
    }

    /// Updates are merged: the new weights alone find what the old ones find with the updates.
    @Test func updatesAreMerged() throws {
        let directory = try TemporaryDirectory()
        let adapter = Repository.fixture("SAM/adapters/windowed.safetensors")
        let beside = try BuiltBinary.run(
            ["export", Self.weights, "--lora", adapter, "-o", "merged.pth"], in: directory.path)
        #expect(beside.status == 0 && beside.stderr.contains("rank 3 added to 3 blocks"), "\(beside.stderr)")
        let plain = try Self.prediction(Self.weights, in: directory)
        let merged = try Self.prediction("merged.pth", in: directory)
        #expect(plain != merged)
        let run = try BuiltBinary.run(
            ["predict", "photo.png", "--weights", Self.weights, "--lora", adapter, "--box", "5,6,40,30", "--json"],
            in: directory.path)
        #expect(try JSONDocument.parse(run.stdout)["images"] == merged)
        let inspected = try BuiltBinary.run(["inspect", adapter, "--json"])
        let inspection = try JSONDocument.parse(inspected.stdout)
        #expect(inspection["adapter"] == ["rank": 3, "blocks": 3, "replaced_tensors": 0])
        #expect(try JSONSchemaCheck("inspect").violations(of: inspection) == [])
    }

    @Test func mistakesAreNamed() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("full"))
        try AtomicFileWriter.write("x", to: directory.file("full/file"))
        let adapter = Repository.fixture("SAM/adapters/windowed.safetensors")
        let efficient = Repository.fixture("SAM/efficient/weights.safetensors")
        for (arguments, status, words) in [
            ([Self.weights, "-o", "model.onnx"], 64, "--to"), ([Self.weights, "-o", "full"], 64, "not empty"),
            (["missing.pth", "-o", "a.pth"], 66, "missing.pth"),
            ([adapter, "-o", "a.pth"], 65, "low-rank updates only"),
            ([Self.weights, "--lora", Self.weights, "-o", "a.pth"], 65, "no low-rank updates"),
            ([efficient, "-o", "folder"], 65, "SamModel is SAM with a ViT encoder"),
            ([Self.weights, "-o", "nowhere/a.pth"], 74, "nowhere"),
            ([Self.weights, "--image-size", "60", "-o", "a.pth"], 64, "image_size (60)"),
        ] as [([String], Int32, String)] {
            let run = try BuiltBinary.run(["export"] + arguments, in: directory.path)
            #expect(run.status == status && run.stderr.contains(words), "\(arguments): \(run.status) \(run.stderr)")
            #expect(run.stdout.isEmpty)
        }
        let forced = try BuiltBinary.run(["export", Self.weights, "-o", "full", "--force"], in: directory.path)
        #expect(forced.status == 0 && FileSystem.exists(directory.file("full/config.json")))
    }
}
