import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

/// What a conversion says of names, losses, drops and options is what happens.
@Suite struct ConvertHonestyTests {
    private static func run(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert"] + words, in: data.path)
    }

    // MARK: Names

    /// A path, or a name in the data, may have one character.
    @Test func namesOfOneCharacter() throws {
        let data = try TemporaryDirectory()
        for name in ["7", "é", "x.png"] {
            try AtomicFileWriter.write(ConvertFixture.image(width: 24, height: 18), to: data.file(name))
        }
        let images = ["7", "é", ".", "x.png"].enumerated().map {
            "{\"id\": \($0.offset), \"file_name\": \"\($0.element)\", \"width\": 24, \"height\": 18}"
        }
        let text = "{\"images\": [\(images.joined(separator: ","))], \"categories\": [], \"annotations\": []}"
        for name in ["a", "é2"] { try AtomicFileWriter.write(text, to: data.file(name)) }
        for more in [
            [], ["--split", "a=0.5,b=0.5", "--group-by", "folder"],
            ["--image-where", "image.folder == ''", "--to", "coco"], ["--dry-run"],
        ] {
            let outcome = try BuiltBinary.run(
                ["convert", "coco", "a", "--images", ".", "-o", "out", "--force"] + more, in: data.path)
            #expect(outcome.status == 0 && outcome.stderr.contains("image 2") || more == ["--dry-run"], "\(outcome)")
        }
        for words in [["yolo", "y"], ["cvat", "c"], ["auto", "g"], ["labelme", "é"], ["voc", "7"], ["coco", "/"]] {
            let outcome = try BuiltBinary.run(["convert"] + words + ["-o", "out2"], in: data.path)
            #expect([64, 65, 66].contains(outcome.status), "\(words): \(outcome)")
        }
        for words in [["inspect", "a"], ["audit", "a"], ["segment", "7", "-o", "o"], ["predict", "é", "7"]] {
            #expect(try BuiltBinary.run(words, in: data.path).status < 128, "\(words)")
        }
    }

    /// COCO's names may differ from the files' in case.
    @Test func namesThatDifferInCase() throws {
        let data = try ConvertTests.dataset()
        let text = try String(decoding: FileSystem.read(data.file("labels.json")), as: UTF8.self)
        try AtomicFileWriter.write(text.replacing("a/small.png", with: "A/Small.PNG"), to: data.file("labels.json"))
        let outcome = try Self.run(data, "coco", "labels.json", "--images", "images", "-o", "out", "--strict")
        #expect(outcome.status == 0, "\(outcome.stderr)")
        #expect(outcome.stdout.contains("labels.name-case") && outcome.stdout.contains("3 of 3 images"))
    }

    /// Images of one set of labels, of 24 x 18 pixels.
    private static func labelled(_ categories: String, _ annotations: [String]) throws -> TemporaryDirectory {
        let data = try TemporaryDirectory()
        try AtomicFileWriter.write(ConvertFixture.image(width: 24, height: 18), to: data.file("x.png"))
        let text =
            #"{"images":[{"id":1,"file_name":"x.png","width":24,"height":18}],"categories":[\#(categories)],"annotations":[\#(annotations.joined(separator: ","))]}"#
        try AtomicFileWriter.write(text, to: data.file("labels.json"))
        return data
    }

    private static func rectangle(_ id: Int, category: Int = 1, _ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int) -> String {
        #"{"id":\#(id),"image_id":1,"category_id":\#(category),"iscrowd":0,"area":\#((x1 - x0) * (y1 - y0)),"bbox":[\#(x0),\#(y0),\#(x1 - x0),\#(y1 - y0)],"segmentation":[[\#(x0),\#(y0),\#(x1),\#(y0),\#(x1),\#(y1),\#(x0),\#(y1)]]}"#
    }

    private static func annotations(_ data: TemporaryDirectory, _ path: String) throws -> [JSONValue] {
        try JSONDocument.read(path: data.file(path))["annotations"]?.array ?? []
    }

    /// Of an object that another one covers for the most part, VOC's masks have what is to be seen: it is one object still.
    @Test func coveredObjectsStayOneThroughVOC() throws {
        let data = try Self.labelled(
            #"{"id":1,"name":"cell"}"#, [Self.rectangle(1, 2, 2, 22, 16), Self.rectangle(2, 6, 2, 22, 16)])
        #expect(try Self.run(data, "coco", "labels.json", "--images", ".", "--to", "voc", "-o", "voc").status == 0)
        #expect(try Self.run(data, "voc", "voc", "--to", "coco", "-o", "back", "--strict").status == 0)
        let objects = try Self.annotations(data, "back/annotations.json")
        #expect(objects.count == 2 && objects.allSatisfy { $0["segmentation"] != nil }, "\(objects)")
        #expect(objects.compactMap { $0["area"]?.double }.sorted() == [56, 224])
    }

    /// Blanks around the name of a class cost nothing.
    @Test func blanksAroundNamesComeThroughCVAT() throws {
        let data = try Self.labelled(
            #"{"id":1,"name":"cell "},{"id":2,"name":"wall"}"#,
            [Self.rectangle(1, 2, 2, 8, 8), Self.rectangle(2, category: 2, 10, 2, 20, 8)])
        #expect(try Self.run(data, "coco", "labels.json", "--images", ".", "--to", "cvat", "-o", "cvat").status == 0)
        let back = try Self.run(data, "cvat", "cvat", "--to", "coco", "-o", "back", "--strict")
        #expect(back.status == 0, "\(back.stderr)")
        #expect(try Self.annotations(data, "back/annotations.json").count == 2)
    }

    /// Options of a split go with the split of a file of stages; a dry run fails where the run would; rules go by families.
    @Test func optionsMeanTheSameBesideStages() throws {
        let data = try Self.labelled(
            #"{"id":1,"name":"cell"}"#, [Self.rectangle(1, 2, 2, 8, 8), Self.rectangle(2, 9, 2, 9, 8)])
        let stages = "[{split: {parts: {train: 0.5, val: 0.5}}}]"
        let call = ["convert", "coco", "labels.json", "--images", ".", "-o", "out", "--force"]
        func run(_ words: [String]) throws -> BuiltBinary.Outcome { try BuiltBinary.run(call + words, in: data.path) }
        let split = try run(["--stages", stages, "--split-by", "stratified", "--dry-run"])
        #expect(split.status == 0, "\(split.stderr)")
        #expect(try run(["--split-by", "stratified"]).status == 64)
        let report = try BuiltBinary.run(
            ["audit", "labels.json", "--fail-on", "never", "--json"], in: data.path)
        try AtomicFileWriter.write(report.stdout, to: data.file("audit.json"))
        func filtered(_ rules: String) throws -> BuiltBinary.Outcome {
            try run(["--drop-audited", "audit.json", "--audit-rules", rules, "--dry-run"])
        }
        let family = try filtered("polygon,bbox")
        #expect(family.status == 0 && family.stdout.contains("1 images with 1 objects"), "\(family)")
        let typo = try filtered("polygn")
        #expect(typo.stdout.contains("filter.audit-rules") && typo.stdout.contains("with 2 objects"), "\(typo)")
    }

    @Test func renamesAreListed() throws {
        let data = try ConvertTests.dataset()
        let outcome = try Self.run(data, "coco", "labels.json", "--images", "images", "--to", "voc", "-o", "voc")
        #expect(outcome.status == 0 && outcome.stdout.contains("labels.renamed"))
        let lines = try String(decoding: FileSystem.read(data.file("voc/renamed.jsonl")), as: UTF8.self)
            .split(separator: "\n").map { try JSONDocument.parse(String($0)) }
        #expect(lines.contains { $0["from"]?.string == "a/small.png" && $0["to"]?.string == "a_small.png" })
        let kept = try Self.run(data, "coco", "labels.json", "--images", "images", "--to", "cvat", "-o", "cvat")
        #expect(kept.status == 0 && !FileSystem.exists(data.file("cvat/renamed.jsonl")))
        #expect(FileSystem.exists(data.file("cvat/images/a/small.png")))
    }

    // MARK: Drops

    @Test func cutArchivesAreRefusedOrShouted() throws {
        let data = try ConvertTests.dataset()
        #expect(
            try Self.run(data, "coco", "labels.json", "--images", "images", "--to", "sa-1b", "-o", "sa").status == 0)
        let tar = try FileSystem.read(data.file("sa/sa_000000.tar"))
        try FileSystem.createDirectory(data.file("cut"))
        // Inside the last image of three.
        try AtomicFileWriter.write(Array(tar.prefix(tar.count - 2600)), to: data.file("cut/sa_000000.tar"))
        let told = try Self.run(data, "sa-1b", "cut", "--to", "coco", "-o", "o1", "--json", "--quiet")
        #expect(told.status == 0 && told.stderr.contains("nobody knows how many images are lost"))
        #expect(try JSONSchemaCheck("convert").violations(of: JSONDocument.parse(told.stdout)).isEmpty)
        let text = try Self.run(data, "sa-1b", "cut", "--to", "coco", "-o", "o2", "--on-error", "skip")
        #expect(text.stderr.contains("nobody knows") && text.stdout.contains("an unknown number of images is lost"))
        #expect(try Self.run(data, "sa-1b", "cut", "--to", "coco", "-o", "o3", "--strict").status == 65)
        let failed = try Self.run(data, "sa-1b", "cut", "--to", "coco", "-o", "o4", "--on-error", "fail")
        #expect(failed.status == 65 && !FileSystem.exists(data.file("o4")))
        #expect(try Self.run(data, "sa-1b", "cut", "--to", "coco", "-o", "o5", "--strict", "--dry-run").status == 65)
    }

    @Test func brokenLabelsFailStrictRuns() throws {
        let data = try ConvertTests.dataset()
        #expect(
            try Self.run(data, "coco", "labels.json", "--images", "images", "--to", "voc", "-o", "voc").status == 0)
        let xml = data.file("voc/Annotations/a_small.xml")
        try AtomicFileWriter.write(Array(try FileSystem.read(xml).prefix(120)), to: xml)
        let outcome = try Self.run(data, "voc", "voc", "-o", "out", "--strict")
        #expect(outcome.status == 65 && outcome.stderr.contains("labels.unreadable"))
        #expect(outcome.stdout.contains("2 of 3 images") && outcome.stdout.contains("dropped: 1 images"))
        #expect(try Self.run(data, "voc", "voc", "-o", "out2", "--on-error", "fail").status == 65)
    }

    // MARK: Losses and counts

    @Test func countsAreOfWhatIsThere() throws {
        let data = try ConvertTests.dataset()
        let outcome = try Self.run(
            data, "coco", "labels.json", "--images", "images", "--to", "mask-folder", "-o", "masks", "--json")
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(summary["losses"]?["class"]?.int == 5 && summary["annotations"]?["converted"]?.int == 5)
        #expect(try JSONSchemaCheck("convert").violations(of: summary).isEmpty)
        let record = try JSONDocument.read(path: data.file("masks/conversion.json"))
        #expect(try JSONSchemaCheck("conversion").violations(of: record).isEmpty)
        let panoptic = try JSONDocument.parse(
            try Self.run(
                data, "coco", "labels.json", "--images", "images", "--to", "coco-panoptic", "-o", "pan", "--json"
            ).stdout)
        let lost = panoptic["losses"]?["object"]?.int ?? 0
        let segments = try JSONDocument.read(path: data.file("pan/panoptic.json"))["annotations"]?.array?
            .reduce(0) { $0 + ($1["segments_info"]?.array?.count ?? 0) }
        #expect(segments == 5 - lost && panoptic["annotations"]?["converted"]?.int == segments)
        #expect(try JSONDocument.read(path: data.file("pan/conversion.json"))["objects"]?.int == segments)
    }

    @Test func splitYOLOSetsAreReadAsOne() throws {
        let data = try ConvertTests.dataset()
        let there = try Self.run(
            data, "coco", "labels.json", "--images", "images", "--to", "yolo", "--split", "train=0.6,val=0.4",
            "--seed", "1", "-o", "yolo")
        #expect(there.status == 0, "\(there.stderr)")
        let back = try Self.run(data, "auto", "yolo", "-o", "back", "--json")
        #expect(back.status == 0, "\(back.stderr)")
        #expect(try JSONDocument.parse(back.stdout)["annotations"]?["converted"]?.int == 5)
    }

    /// Tiles without an object go as well, and what a stage file leaves empty.
    @Test func emptyOnesAreDroppedAtTheEnd() throws {
        let data = try ConvertTests.dataset()
        for more in [["--tile", "16"], ["--stages", "[{tile: {size: 16}}, {balance: {method: none}}]"]] {
            let outcome = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", "images", "--drop-empty", "-o", "out", "--force"] + more,
                in: data.path)
            #expect(outcome.status == 0, "\(outcome.stderr)")
            let set = try ShardSet(path: data.file("out"))
            #expect(set.count > 2)
            #expect(set.manifest.shards.flatMap(\.records).allSatisfy { !$0.objects.isEmpty })
        }
    }

    // MARK: Options

    static let idle: [(words: [String], word: String)] = [
        (["--write-repeats"], "nothing balances"), (["--max-repeat", "3"], "--max-repeat needs"),
        (["--multipart", "split"], "--multipart is for --to yolo"),
        (["--to", "yolo", "--mask-kind", "id-map"], "mask-folder"),
        (["--tiff"], "--tiff is for"), (["--labels-only"], "--labels-only is for"),
        (["--subset", "x", "--to", "coco", "--stuff", "a"], "--stuff is for"),
        (["--untarred", "--to", "coco"], "--untarred is for"), (["--class-names", "a"], "--class-names is for"),
        (["--min-area", "-5"], "min-area"), (["--min-iou", "-1", "--against", "labels.json"], "min-iou"),
    ]

    @Test(arguments: idle.indices)
    func optionsThatDoNothingAreRefused(index: Int) throws {
        let (words, word) = Self.idle[index]
        let data = try ConvertTests.dataset()
        let outcome = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "-o", "out"] + words, in: data.path)
        #expect(outcome.status == 64 && outcome.stderr.contains(word), "\(outcome.stderr)")
        #expect(!outcome.stderr.contains("Missing value") && !FileSystem.exists(data.file("out")))
    }
}
