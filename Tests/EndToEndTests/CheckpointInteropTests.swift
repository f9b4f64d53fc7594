import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Other people's programs find the same masks with weights that `samdata export` wrote, in images of all kinds.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with segment-anything, transformers and Pillow"))
struct CheckpointInteropTests {
    /// Images of several sizes and kinds, written by Pillow.
    private static func images(in directory: TemporaryDirectory) throws -> [String] {
        let script = """
            import sys, numpy as np
            from PIL import Image
            rng = np.random.default_rng(3)
            def picture(height, width):
                y, x = np.mgrid[0:height, 0:width]
                waves = np.stack([np.sin(x / 9) * np.cos(y / 7), np.cos(x / 5 + y / 11), np.sin((x + y) / 13)], -1)
                return Image.fromarray((128 + 100 * waves + rng.normal(0, 6, waves.shape)).clip(0, 255).astype(np.uint8))
            picture(48, 60).save("rgb.png")
            picture(70, 45).convert("L").save("gray.png")
            picture(50, 50).quantize(40).save("palette.png")
            alpha = picture(40, 64).convert("RGBA"); alpha.putalpha(100); alpha.save("alpha.png")
            picture(120, 200).save("photo.jpg", quality=92)
            picture(131, 77).save("progressive.jpg", quality=80, progressive=True)
            picture(64, 64).convert("L").save("gray.jpg")
            picture(32, 300).save("wide.png")
            """
        let names = [
            "rgb.png", "gray.png", "palette.png", "alpha.png", "photo.jpg", "progressive.jpg", "gray.jpg", "wide.png",
        ]
        let python = try #require(PeerPython.path)
        let run = try BuiltBinary.runProgram(python, ["-c", script], in: directory.path)
        try #require(run.status == 0, "\(run.stderr)")
        return names
    }

    /// A .pth cannot say that a decoder has other than eight heads; `SamModel` has cross-attentions of half the width.
    @Test(arguments: [("pth", "global"), ("huggingface", "windowed")])
    func othersFindTheSameMasks(form: String, model: String) throws {
        let original = Repository.fixture("SAM/\(model)/weights.safetensors")
        let directory = try TemporaryDirectory()
        let images = try Self.images(in: directory)
        let output = form == "pth" ? "model.pth" : "folder"
        let export = try BuiltBinary.run(["export", original, "-o", output], in: directory.path)
        #expect(export.status == 0, "\(export.stderr)")
        let python = try #require(PeerPython.path)
        let script = Repository.root + "/Tests/interop/predict_with_checkpoint.py"
        let arguments = [script, form, output] + (form == "pth" ? [model] : []) + images
        let run = try BuiltBinary.runProgram(python, arguments, in: directory.path)
        try #require(run.status == 0, "\(run.stderr)")
        let others = try #require(JSONDocument.parse(run.stdout).array)
        #expect(others.count == images.count)
        // The exported weights, and the ones they were made of, on our side.
        for weights in [output, original] {
            for (image, other) in zip(images, others) {
                let masks =
                    try Self.masks(image, ["--box", "5,6,40,30"], weights, in: directory)
                    + Self.masks(image, ["--point", "20,18", "--multimask"], weights, in: directory)
                let wanted = try #require(other.array).map { try #require($0.array).compactMap(\.int) }
                #expect(masks.count == 4 && wanted.count == 4)
                for (mask, counts) in zip(masks, wanted) {
                    let expected = try RLE(height: mask.height, width: mask.width, counts: counts)
                    let union = mask.area + expected.area - mask.intersectionArea(expected)
                    let differing = union - mask.intersectionArea(expected)
                    // A logit within rounding errors of 0 may fall on either side.
                    #expect(differing <= 1 + union / 2000, "\(image) \(weights): \(differing) of \(union) pixels")
                }
            }
        }
    }

    private static func masks(
        _ image: String, _ prompt: [String], _ weights: String, in directory: TemporaryDirectory
    ) throws -> [RLE] {
        let run = try BuiltBinary.run(
            ["predict", image, "--weights", weights, "--json"] + prompt, in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let masks = try JSONDocument.parse(run.stdout)["images"]?[0]?["objects"]?[0]?["masks"]?.array ?? []
        return try masks.map { mask in
            let size = try #require(mask["segmentation"]?["size"]?.array).compactMap(\.int)
            let counts = try #require(mask["segmentation"]?["counts"]?.string)
            return try RLE(height: size[0], width: size[1], compressed: Array(counts.utf8))
        }
    }
}
