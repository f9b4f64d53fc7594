import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

/// Conversions between formats by the built binary: to every one, and back.
@Suite struct ConvertFormatsTests {
    /// Every format that is a target.
    static let targets = [
        "coco", "lvis", "yolo", "yolo-boxes", "labelme", "sa-1b", "cvat", "datumaro", "label-studio", "via", "tf-od",
        "mask-folder", "voc", "coco-panoptic", "shards",
    ]

    @Test(arguments: targets.indices)
    func everyFormatIsWrittenAndRead(index: Int) throws {
        let name = Self.targets[index]
        let data = try ConvertTests.dataset()
        let there = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "--to", name, "-o", "there", "--json"],
            in: data.path)
        #expect(there.status == 0, "\(there.stderr)")
        let summary = try JSONDocument.parse(there.stdout)
        #expect(summary["command"]?.string == "convert coco")
        // In a panoptic map objects that others cover are gone, which the report of losses says.
        let gone = summary["losses"]?["object"]?.int ?? 0
        #expect(gone == 0 || name == "coco-panoptic")
        #expect(summary["images"]?["converted"]?.int == 3 && summary["annotations"]?["converted"]?.int == 5 - gone)
        if name != "shards" {
            let record = try JSONDocument.read(path: data.file("there/conversion.json"))
            #expect(try JSONSchemaCheck("conversion").violations(of: record).isEmpty)
            let lost = summary["losses"]?.object?.reduce(0) { $0 + ($1.value.int ?? 0) } ?? 0
            let listed =
                try FileSystem.exists(data.file("there/losses.jsonl"))
                ? String(decoding: FileSystem.read(data.file("there/losses.jsonl")), as: UTF8.self).split(
                    separator: "\n"
                ).count
                : 0
            #expect(lost == listed)
        }
        let input: [String]
        switch name {
        case "coco", "lvis": input = ["there/annotations.json", "--images", "there/images"]
        case "coco-panoptic": input = ["there/panoptic.json", "--images", "there/images"]
        default: input = ["there"]
        }
        let back = try BuiltBinary.run(["convert", name] + input + ["-o", "back", "--json"], in: data.path)
        #expect(back.status == 0, "\(back.stderr)")
        let again = try JSONDocument.parse(back.stdout)
        #expect(again["images"]?["converted"]?.int ?? 0 >= 2, "\(back.stdout)")
        #expect(again["annotations"]?["converted"]?.int == 5 - gone, "\(back.stdout)")
        #expect(again["command"]?.string == "convert " + name)
        // The format is recognised by what is there.
        guard name != "yolo-boxes", name != "lvis" else { return }
        let found = try BuiltBinary.run(["convert", "auto"] + input + ["-o", "found", "--json"], in: data.path)
        #expect(found.status == 0, "\(found.stderr)")
        #expect(try JSONDocument.parse(found.stdout)["annotations"] == again["annotations"])
    }

    @Test func unknownThingsAreNotGuessed() throws {
        let data = try ConvertTests.dataset()
        try AtomicFileWriter.write("hello", to: data.file("note.txt"))
        let outcome = try BuiltBinary.run(["convert", "auto", "note.txt", "-o", "out"], in: data.path)
        #expect(outcome.status == 64 && outcome.stderr.contains("looks like none of the formats"))
        let help = try BuiltBinary.run(["convert", "from", "--help"])
        #expect(help.status == 0 && help.stdout.contains("label-studio") && help.stdout.contains("--multipart"))
    }

    /// Settings of a format reach its writer, and the record.
    @Test func formatsHaveSettings() throws {
        let data = try ConvertTests.dataset()
        let outcome = try BuiltBinary.run(
            [
                "convert", "coco", "labels.json", "--images", "images", "--to", "coco", "--mask-form", "rle",
                "--labels-only", "-o", "out",
            ], in: data.path)
        #expect(outcome.status == 0, "\(outcome.stderr)")
        #expect(!FileSystem.exists(data.file("out/images")))
        let labels = try JSONDocument.read(path: data.file("out/annotations.json"))
        #expect(labels["annotations"]?.array?.allSatisfy { $0["segmentation"]?["size"] != nil } == true)
        #expect(
            try JSONDocument.read(path: data.file("out/conversion.json"))["command"]?.string?.contains(
                "--mask-form rle --labels-only") == true)
    }
}
