import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

/// The options of `samdata convert` that stand for stages, and files of stages.
@Suite struct ConvertStagesTests {
    static func run(_ directory: TemporaryDirectory, _ more: [String]) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "-o", "out", "--quiet"] + more, in: directory.path)
    }

    /// Options, and the images and objects that are left of three and five.
    static let options: [(words: [String], images: Int, objects: Int)] = [
        (["--categories", "square"], 3, 3), (["--exclude-categories", "square"], 3, 2),
        (["--categories", "3,90"], 3, 5),
        (["--crowd", "drop"], 3, 4), (["--crowd", "only"], 3, 1), (["--min-area", "50"], 3, 4),
        (["--max-area", "50"], 3, 1), (["--border", "drop", "--min-area", "0"], 3, 5),
        (["--where", "category == 'crowd' and not iscrowd"], 3, 1),
        (["--image-where", "image.width > 25"], 2, 2), (["--drop-empty"], 2, 5),
        (["--crowd", "only", "--drop-empty"], 1, 1), (["--dedup", "bytes"], 2, 5), (["--dedup", "pixels"], 2, 5),
        (["--dedup", "perceptual=0", "--image-where", "image.width > 25"], 1, 2),
        (["--min-iou", "0.99", "--against", "labels.json"], 3, 5),
        (["--min-iou", "0.5", "--against", "far.json"], 3, 1),
        (["--map-category", "square=box", "--map-category", "crowd=box"], 3, 5), (["--tile", "64"], 3, 5),
        (["--resize", "12"], 3, 5), (["--balance", "repeat-factor", "--balance-threshold", "0.9"], 3, 5),
        (["--balance", "effective-number", "--balance-threshold", "0.9", "--max-repeat", "2"], 3, 5),
        (["--min-per-class", "2", "--max-per-class", "100"], 3, 5), (["--drop-audited", "audit.json"], 3, 4),
        (["--drop-audited", "audit.json", "--audit-rules", "rle.sum"], 3, 5),
        (["--stages", "[{filter: {min-area: 50}}, {resize: {longest-side: 10}}]"], 3, 4),
        (["--stages", "stages.yaml"], 2, 4), (["--stages", "stages.yaml", "--categories", "square"], 2, 3),
    ]

    static func dataset() throws -> TemporaryDirectory {
        let data = try ConvertTests.dataset()
        try AtomicFileWriter.write("[]", to: data.file("none.json"))
        try AtomicFileWriter.write(
            "[{\"image_id\": 1, \"category_id\": 3, \"score\": 1, \"segmentation\": {\"size\": [18, 24], \"counts\": [431, 1]}}]",
            to: data.file("far.json"))
        try AtomicFileWriter.write(
            "{\"findings\": [{\"rule\": \"mask.empty\", \"severity\": \"error\", \"message\": \"\", \"image_id\": \"1\", \"annotation_id\": \"11\"}]}",
            to: data.file("audit.json"))
        try AtomicFileWriter.write(
            "stages:\n  - filter:\n      min-area: 50\n      empty: drop\n  - resize: {longest-side: 20}\n",
            to: data.file("stages.yaml"))
        return data
    }

    @Test(arguments: options.indices)
    func optionsAreStages(index: Int) throws {
        let (words, images, objects) = Self.options[index]
        let data = try Self.dataset()
        let outcome = try Self.run(data, words + ["--json"])
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(summary["images"]?["converted"]?.int == images, "\(outcome.stdout)")
        #expect(summary["annotations"]?["converted"]?.int == objects)
        #expect(summary["stages"]?.array?.isEmpty == false)
        let manifest = try JSONDocument.read(path: data.file("out/manifest.json"))
        #expect(manifest["command"]?.string?.contains("--stages") == true)
        #expect(
            try JSONSchemaCheck("manifest").violations(of: manifest).filter { !$0.contains("propertyNames") }.isEmpty)
        #expect(try ShardSet(path: data.file("out")).count == images)
        // The same again from the command that the manifest states.
        let command = try #require(manifest["command"]?.string)
        let again = try BuiltBinary.runProgram(
            "/bin/bash", ["-c", command + " -o again --quiet"], in: data.path,
            environment: ["PATH": (BuiltBinary.path as NSString).deletingLastPathComponent + ":/usr/bin:/bin"])
        #expect(again.status == 0, "\(again.stderr)")
        for name in try FileSystem.list(data.file("out")) {
            #expect(
                try FileSystem.read(data.file("out/" + name)) == FileSystem.read(data.file("again/" + name)), "\(name)")
        }
    }

    @Test func forecastComesFirst() throws {
        let data = try Self.dataset()
        let outcome = try BuiltBinary.run(
            [
                "convert", "coco", "labels.json", "--images", "images", "-o", "out", "--split", "train=0.5,val=0.5",
                "--split-by", "stratified", "--group-by", "folder", "--min-per-class", "100", "--max-repeat", "2",
            ], in: data.path)
        #expect(outcome.status == 0)
        #expect(outcome.stderr.contains("Expected counts:") && outcome.stderr.contains("Images: train "))
        #expect(outcome.stdout.contains("balance.few-objects"))
        let manifest = try ShardSet(path: data.file("out/train")).manifest
        #expect(manifest.shards.flatMap(\.records).allSatisfy { $0.repeats > 1 || $0.objects.isEmpty })
    }

    @Test func dryRunsWriteNothing() throws {
        let data = try Self.dataset()
        let words = [
            "--tile", "16", "--halo", "4", "--min-visible", "0.5", "--split", "train=0.5,val=0.5", "--dry-run",
        ]
        let text = try Self.run(data, words)
        #expect(text.status == 0, "\(text.stderr)")
        #expect(text.stdout.contains("Would run: samdata convert coco") && text.stdout.contains("Nothing was written."))
        #expect(text.stdout.contains("tiles of 16 x 16 that share 4 pixels"))
        let json = try JSONDocument.parse(try Self.run(data, words + ["--json"]).stdout)
        #expect(try JSONSchemaCheck("convert-plan").violations(of: json).isEmpty)
        #expect(!FileSystem.exists(data.file("out")))
        let summary = try JSONDocument.parse(try Self.run(data, Array(words.dropLast()) + ["--json"]).stdout)
        #expect(json["forecast"]?["images"] == summary["images"]?["converted"])
        #expect(json["forecast"]?["objects"] == summary["annotations"]?["converted"])
    }

    static let wrongCalls: [(words: [String], status: Int32, word: String)] = [
        (["--where", "aera > 1"], 64, "Did you mean 'area'?"), (["--stages", "gone.yaml"], 66, "gone.yaml"),
        (["--stages", "[{filtre: {}}]"], 64, "Did you mean 'filter'?"), (["--stages", "labels.json"], 64, "\"info\""),
        (["--categories", "circle"], 64, "no category is called"), (["--min-iou", "0.5"], 64, "--against"),
        (["--min-iou", "2", "--against", "labels.json"], 64, "from 0 to 1"), (["--halo", "3"], 64, "--tile"),
        (["--min-iou", "0.5", "--against", "gone.json"], 66, "gone.json"), (["--dedup", "colour"], 64, "colour"),
        (["--min-iou", "0.5", "--against", "stages.yaml"], 65, "stages.yaml"),
        (["--min-iou", "0.5", "--against", "none.json"], 65, "none of its results"), (["--tile", "8"], 64, "16"),
        (["--dedup", "bytes=3"], 64, "perceptual"), (["--map-category", "square"], 64, "OLD=NEW"),
        (["--resize", "0"], 64, "longest-side"), (["--balance", "magic"], 64, "magic"),
        (["--drop-audited", "labels.json"], 65, "findings"), (["--audit-rules", "x"], 64, "--drop-audited"),
        (["--split-by", "hash"], 64, "--split"), (["--split", "a=0.5,b=0.5", "--group-by", "colour"], 64, "colour"),
        (["--split", "a=0.5,b=0.5", "--split-file", "gone.txt"], 66, "gone.txt"),
        (["--split", "a=0.5,b=0.5", "--group-by", "regex:("], 64, "regular expression"),
        (["--to", "cocoa"], 64, "Did you mean 'coco'?"), (["--to", "coco", "--shard-size", "1MB"], 64, "--to shards"),
        (["--where", "area > 1e9", "--drop-empty"], 65, "all 3 images were left out (filter.empty 3)"),
        (["--to", "coco", "--balance", "repeat-factor"], 64, "--write-repeats"),
    ]

    @Test(arguments: wrongCalls.indices)
    func wrongCallsAreExplained(index: Int) throws {
        let (words, status, word) = Self.wrongCalls[index]
        let data = try Self.dataset()
        let outcome = try Self.run(data, words)
        #expect(outcome.status == status, "\(outcome.stderr)")
        #expect(outcome.stdout.isEmpty && outcome.stderr.contains(word), "\(outcome.stderr)")
        #expect(!FileSystem.exists(data.file("out/manifest.json")))
    }

    @Test func sampleFileIsWhatTheSchemaSays() throws {
        let data = try Self.dataset()
        let outcome = try Self.run(data, ["--stages", Repository.root + "/samples/stages.yaml", "--dry-run", "--json"])
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let plan = try JSONDocument.parse(outcome.stdout)
        #expect((plan["stages"]?.array?.count ?? 0) >= 5)
    }
}
