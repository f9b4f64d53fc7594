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
        let rows = try #require(document["stages"]?.array)
        #expect(rows.map { $0["name"]?.string } == ["augment", "resize", "augment"])
        // Two draws of the first, and two of each of these of the last.
        #expect(rows.map { $0["images"]?.array?.count } == [2, 2, 4])
        #expect(rows[1]["images"]?.array?.allSatisfy { $0["width"]?.int == 300 } == true)
        #expect(rows[2]["images"]?[3]?["width"]?.int == 240 && rows[2]["images"]?[3]?["height"]?.int == 200)
        #expect(document["draws"] == nil && document["stages_left_out"] == nil)
    }

    /// Each stage that changes pixels or objects has its row, and the counts are those of a conversion.
    @Test func everyStageIsShown() throws {
        let folder = try TemporaryDirectory()
        let stages = folder.path + "/stages.yaml"
        let yaml = """
            stages:
              - filter: {min-area: 120}
              - resize: {longest-side: 200}
              - tile: {size: 128, halo: 20, empty: drop}
              - balance: {method: repeat-factor}
              - encode: {format: jpeg, quality: 20}
            """
        try yaml.write(toFile: stages, atomically: true, encoding: .utf8)
        var sheets: [RGBImage] = []
        for quality in ["20", "95"] {
            try yaml.replacing("quality: 20", with: "quality: \(quality)").write(
                toFile: stages, atomically: true, encoding: .utf8)
            let outcome = try Self.run([
                "--record", "1", "--stages", stages, "--draws", "4", "--picture", folder.path + "/sheet.png", "--json",
            ])
            #expect(outcome.status == 0, "\(outcome.stderr)")
            let document = try JSONDocument.parse(outcome.stdout)
            #expect(try JSONSchemaCheck("inspect").violations(of: document) == [])
            let rows = try #require(document["stages"]?.array)
            #expect(rows.map { $0["name"]?.string } == ["filter", "resize", "tile", "encode"])
            #expect(rows[0]["left_out"]?[0]?["rule"]?.string?.hasPrefix("filter.") == true)
            #expect(rows[1]["images"]?[0]?["width"]?.int == 200 && rows[2]["images"]?.array?.count == 4)
            #expect(rows[3]["images"]?.array?.allSatisfy { $0["width"]?.int == 128 } == true)
            #expect(document["stages_left_out"]?.array?.map(\.string) == ["balance"])
            #expect(outcome.stderr.contains("balance: checked, and not shown"), "\(outcome.stderr)")
            sheets.append(
                try ImageCodec.decodeRGB([UInt8](Data(contentsOf: URL(fileURLWithPath: folder.path + "/sheet.png")))))
        }
        // One row for each of the original, filter and resize, and one each of four tiles, plain and as written.
        #expect(sheets[0].width > 1000 && sheets[0].height > 5 * 250)
        #expect(sheets[0].pixels != sheets[1].pixels)
        let text = try Self.run([
            "--record", "1", "--stages", stages, "--draws", "3", "--picture", folder.path + "/sheet.png",
        ])
        #expect(
            text.stdout.contains("stage 3, tile: 4 images") && text.stdout.contains("… and 1 more"), "\(text.stdout)")
    }

    /// A name that leads out of the images' directory is not opened, unless that is asked for.
    @Test func namesThatLeadOutAreRefused() throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: folder.file("images"), withIntermediateDirectories: true)
        try folder.write(
            ImageCodec.encodePNG(RGBImage(height: 2, width: 2, pixels: [UInt8](repeating: 9, count: 12))), "a.png")
        try folder.write(
            #"{"images":[{"id":1,"width":2,"height":2,"file_name":"../a.png"}],"annotations":[],"categories":[]}"#,
            "labels.json")
        for (stages, draws) in [
            ([], 1), (["--stages", "[D4]"], 1), (["--stages", "[{resize: {width: 4, height: 4}}]"], 1),
        ] {
            let arguments =
                [
                    "inspect", folder.file("labels.json"), "--images", folder.file("images"), "--picture",
                    folder.file("p.png"), "--draws", "\(draws)",
                ] + stages
            let refused = try BuiltBinary.run(arguments)
            #expect(refused.status == 65 && refused.stderr.contains("--outside-images"), "\(refused.stderr)")
            let taken = try BuiltBinary.run(arguments + ["--outside-images"])
            #expect(taken.status == 0, "\(taken.stderr)")
        }
    }

    @Test func mistakesAreNamed() throws {
        let folder = try TemporaryDirectory()
        let file = folder.path + "/steps.yaml"
        let picture = folder.path + "/sheet.png"
        for (yaml, phrase) in [
            ("- HorizontalFlp", "did you mean HorizontalFlip?"),
            ("- Affine: {rotate: much}", "Affine: rotate is \"much\""),
            ("stages: [{resize: {width: 9}}]", "set one of longest-side"), ("- [", "not valid YAML"),
            ("[parse]", "there is no stage"),
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
