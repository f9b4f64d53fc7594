import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// Every family of models through every command that takes weights.
@Suite struct FamilyTests {
    /// Fixtures of small models, and the family that `inspect` says.
    static let models = [
        ("hq", "sam_hq"), ("hq-tiny", "sam_hq"), ("efficient", "efficient_sam"), ("pruned", "sam"),
    ]

    private static func weights(_ name: String) -> String { Repository.fixture("SAM/\(name)/weights.safetensors") }

    private static func succeed(_ arguments: [String], in directory: TemporaryDirectory) throws -> JSONValue {
        let run = try BuiltBinary.run(arguments + ["--json"], in: directory.path)
        try #require(run.status == 0, "\(arguments): \(run.stderr)")
        return try JSONDocument.parse(run.stdout)
    }

    @Test(arguments: models) func everyCommandTakesIt(name: String, family: String) throws {
        let directory = try TrainingFixture.prepared()
        let weights = Self.weights(name)
        let inspection = try Self.succeed(["inspect", weights], in: directory)
        #expect(inspection["model"]?["family"]?.string == family)
        #expect(inspection["model"]?["surplus_tensors"] == [])

        let box = ["1.png", "--weights", weights, "--box", "5,10,25,30"]
        let boxed = try Self.succeed(["predict"] + box, in: directory)
        #expect(boxed["images"]?[0]?["objects"]?.array?.count == 1)
        if family == "sam_hq" {
            let fine = try Self.succeed(["predict"] + box + ["--hq-token-only"], in: directory)
            #expect(fine["images"] != boxed["images"])
        }
        // Of SAM-HQ one mask is left of all.
        let several = try Self.succeed(
            ["predict", "1.png", "--weights", weights, "--point", "12,20", "--multimask"], in: directory)
        let masks = several["images"]?[0]?["objects"]?[0]?["masks"]?.array
        #expect(masks?.count == (family == "sam_hq" ? 1 : 3))
        let cached = ["predict"] + box + ["--cache", "cache"]
        #expect(try Self.succeed(cached, in: directory)["images"] == boxed["images"])
        #expect(try Self.succeed(cached, in: directory)["images"] == boxed["images"])

        let segmented = try Self.succeed(
            [
                "segment", "1.png", "--weights", weights, "--points-per-side", "3", "--pred-iou-thresh", "0",
                "--stability-score-thresh", "0", "-o", "masks.json",
            ], in: directory)
        #expect(segmented["images"] == 1)

        let trained = try Self.succeed(
            ["train", "shards", "--weights", weights, "--epochs", "1", "-o", "run"], in: directory)
        #expect(trained["model"] == inspection["model"]?["name"])
        let after = try Self.succeed(["inspect", "run"], in: directory)
        #expect(after["model"]?["configuration"] == inspection["model"]?["configuration"])
        #expect(after["tensors"] == inspection["tensors"])
        let changed = try Self.succeed(["predict", "1.png", "--weights", "run", "--box", "5,10,25,30"], in: directory)
        #expect(changed["images"] != boxed["images"], "training changed nothing")
        let evaluated = try Self.succeed(["evaluate", "shards", "--weights", "run"], in: directory)
        #expect(evaluated["command"] == "evaluate")
    }

    /// A profile trains from random weights; of a name that nobody knows the known ones are told.
    @Test func namesOfModelsAreTaken() throws {
        let directory = try TrainingFixture.prepared()
        let run = try BuiltBinary.run(
            ["train", "shards", "--model", "ViT-L/8", "-o", "run"], in: directory.path)
        #expect(run.status == 64 || run.status == 65, "\(run.status)")
        for name in ["fast (vit_t)", "light (slimsam_50)", "balanced (vit_b)", "accurate (vit_h)", "vit_l"] {
            #expect(run.stderr.contains(name), "\(run.stderr)")
        }
        let other = try BuiltBinary.run(
            ["train", "shards", "--model", "balanced", "--weights", Self.weights("pruned"), "-o", "run"],
            in: directory.path)
        #expect(other.status != 0 && other.stderr.contains("the model asked for is balanced"), "\(other.stderr)")
    }
}
