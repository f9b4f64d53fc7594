import Foundation
import Images
import JSONText
import TestSupport
import Testing

@Suite struct InspectStagesTests {
    static let nuclei = Repository.root + "/samples/nuclei"

    static func run(_ arguments: [String]) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["inspect", nuclei + "/annotations.json", "--images", nuclei + "/images"] + arguments)
    }

    /// The example's chain on a COCO file: a sheet of the original and the draws, the same for any number of threads.
    @Test func drawsASheet() throws {
        let folder = try TemporaryDirectory()
        var pictures: [[UInt8]] = []
        var documents: [String] = []
        for threads in ["1", "2", "7"] {
            let path = folder.path + "/sheet-\(threads).png"
            let outcome = try Self.run([
                "--record", "1", "--stages", Self.nuclei + "/augment.yaml", "--draws", "5", "--picture", path, "--json",
                "--seed", "4", "--threads", threads,
            ])
            #expect(outcome.status == 0, "\(outcome.stderr)")
            let document = try JSONDocument.parse(outcome.stdout)
            #expect(try JSONSchemaCheck("inspect").violations(of: document) == [])
            let draws = try #require(document["draws"])
            #expect(draws.array?.count == 5)
            documents.append(draws.text())
            pictures.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        #expect(Set(pictures).count == 1 && Set(documents).count == 1)
        let sheet = try ImageCodec.decodeRGB(pictures[0])
        // Two rows, of four and two pictures.
        #expect(sheet.width > 1000 && sheet.height > 500)
    }

    @Test func otherSeedsDrawOtherwise() throws {
        let folder = try TemporaryDirectory()
        let texts = try ["1", "2"].map { seed in
            let outcome = try Self.run([
                "--stages", Self.nuclei + "/augment.yaml", "--picture", folder.path + "/\(seed).png", "--seed", seed,
            ])
            #expect(outcome.status == 0, "\(outcome.stderr)")
            #expect(outcome.stdout.contains("draw 7: "))
            return try Data(contentsOf: URL(fileURLWithPath: folder.path + "/\(seed).png"))
        }
        #expect(texts[0] != texts[1])
    }

    /// Stages of a pipeline, and shards as input.
    @Test func drawsOfShardsAndOfAPipeline() throws {
        let folder = try TemporaryDirectory()
        let shards = folder.path + "/shards"
        let made = try BuiltBinary.run([
            "convert", "coco", Self.nuclei + "/annotations.json", "--images", Self.nuclei + "/images", "-o", shards,
        ])
        #expect(made.status == 0, "\(made.stderr)")
        let stages = folder.path + "/stages.yaml"
        let yaml = """
            stages:
              - augment: {steps: [HorizontalFlip, {CopyPaste: {p: 1}}], variants: 3}
              - resize: {longest-side: 300}
              - augment: {steps: [{Mosaic: {p: 1, target_size: [200, 240], cell_shape: [128, 128]}}]}
            """
        try yaml.write(toFile: stages, atomically: true, encoding: .utf8)
        let outcome = try BuiltBinary.run([
            "inspect", shards, "--stages", stages, "--draws", "2", "--picture", folder.path + "/sheet.png", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let document = try JSONDocument.parse(outcome.stdout)
        // What is not shown is said.
        #expect(document["stages_left_out"]?.array?.map(\.string) == ["resize"])
        #expect(outcome.stderr.contains("resize: checked, but not shown"), "\(outcome.stderr)")
        // The schema's reference to the manifest's is beyond our checker: the parts of a draw are named here.
        for draw in document["draws"]?.array ?? [] {
            #expect(draw.object?.map(\.name) == ["width", "height", "objects", "pasted", "dropped"])
        }
        #expect(document["draws"]?[1]?["width"]?.int == 240 && document["draws"]?[1]?["height"]?.int == 200)
    }

    @Test func mistakesAreNamed() throws {
        let folder = try TemporaryDirectory()
        let file = folder.path + "/steps.yaml"
        let picture = folder.path + "/sheet.png"
        for (yaml, phrase) in [
            ("- HorizontalFlp", "did you mean HorizontalFlip?"),
            ("- Affine: {rotate: much}", "Affine: rotate is \"much\""),
            ("stages: [{resize: {width: 9, height: 9}}]", "no stage is augment"), ("- [", "not valid YAML"),
            ("", "is empty"),
            ("stages: [{resize: 64}, {augment: {steps: [D4]}}]", "the settings of resize must be a mapping"),
            ("a: &a [D4, D4]\nb: &b [*a, *a, *a]\nsteps: [*b, *b]", "augment has no setting \"a\""),
        ] {
            try yaml.write(toFile: file, atomically: true, encoding: .utf8)
            let outcome = try Self.run(["--stages", file, "--picture", picture])
            #expect(outcome.status == 64, "\(yaml): \(outcome.stderr)")
            #expect(outcome.stderr.contains(phrase), "\(yaml): \(outcome.stderr)")
            #expect(outcome.stderr.contains(file))
        }
        let inline = try Self.run(["--stages", "[{Affine: {rotate: 30, p: 1}}]", "--draws", "1", "--picture", picture])
        #expect(inline.status == 0 && inline.stdout.contains("draw 1: 256 x 256"), "\(inline.stderr)")
        try FileManager.default.removeItem(atPath: picture)
        try String(repeating: "[", count: 100_000).write(toFile: file, atomically: true, encoding: .utf8)
        let deep = try Self.run(["--stages", file, "--picture", picture])
        #expect(deep.status == 64 && deep.stderr.count < 2000, "\(deep.stderr.count) characters")
        let missing = try Self.run(["--stages", folder.path + "/none.yaml", "--picture", picture])
        #expect(missing.status == 66)
        let without = try Self.run(["--stages", file])
        #expect(without.status == 64 && without.stderr.contains("--picture"))
        let image = try BuiltBinary.run([
            "inspect", Self.nuclei + "/overlay.png", "--stages", Self.nuclei + "/augment.yaml", "--picture", picture,
        ])
        #expect(image.status == 64 && image.stderr.contains("--stages is for COCO files and shards"))
        #expect(!FileManager.default.fileExists(atPath: picture))
    }
}
