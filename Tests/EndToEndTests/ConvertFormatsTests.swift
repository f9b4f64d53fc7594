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

    /// A project of VIA 3, written and read by the binary.
    @Test func projectsOfVIAThree() throws {
        let data = try ConvertTests.dataset()
        let there = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--to", "via", "--via-version", "3", "-o", "there"], in: data.path)
        #expect(there.status == 0, "\(there.stderr)")
        let project = try JSONDocument.read(path: data.file("there/via.json"))
        #expect(project["project"]?["vid_list"]?.array?.count == 3 && project["_via_img_metadata"] == nil)
        let back = try BuiltBinary.run(["convert", "auto", "there", "-o", "back", "--json"], in: data.path)
        #expect(back.status == 0, "\(back.stderr)")
        #expect(try JSONDocument.parse(back.stdout)["annotations"]?["converted"]?.int == 5)
        let wrong = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--to", "via", "--via-version", "4", "-o", "x"], in: data.path)
        #expect(wrong.status == 64 && wrong.stderr.contains("--via-version"))
    }

    /// A video of CVAT whose frames are TIFFs: tracks become objects, and shards hold PNG.
    @Test func videosAndTIFFsAreRead() throws {
        let data = try TemporaryDirectory()
        try FileSystem.createDirectory(data.file("images"))
        for frame in 0..<5 {
            try AtomicFileWriter.write(
                FileSystem.read(Repository.fixture("Images/tiff/rgb-u8-251.tif")),
                to: data.file("images/frame_00000\(frame).tif"))
        }
        let box =
            #"<box frame="1" outside="0" xtl="1" ytl="1" xbr="9" ybr="9"/><box frame="4" outside="1" xtl="4" ytl="1" xbr="12" ybr="9"/>"#
        try AtomicFileWriter.write(
            "<annotations><track id=\"0\" label=\"car\">\(box)</track></annotations>", to: data.file("annotations.xml"))
        let run = try BuiltBinary.run(["convert", "auto", ".", "-o", "out", "--json"], in: data.path)
        #expect(run.status == 0, "\(run.stderr)")
        let summary = try JSONDocument.parse(run.stdout)
        #expect(summary["images"]?["converted"]?.int == 5 && summary["annotations"]?["converted"]?.int == 3)
        #expect(summary["findings"]?.array?.contains { $0["rule"]?.string == "image.tiff" && $0["count"] == 5 } == true)
        #expect(try ShardSet(path: data.file("out")).sample(at: 2).format == "png")
    }
}
