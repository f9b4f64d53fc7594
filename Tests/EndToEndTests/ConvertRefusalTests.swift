import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// Conversions that come to nothing leave nothing, and options that could do nothing are refused.
@Suite struct ConvertRefusalTests {
    private static func run(_ data: TemporaryDirectory, _ words: [String]) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert", "coco", "labels.json", "--images", "images"] + words, in: data.path)
    }

    @Test(arguments: ["shards", "yolo", "voc", "coco", "labelme", "sa-1b"])
    func nothingIsLeftOfNothing(target: String) throws {
        let data = try ConvertTests.dataset()
        let words = ["--where", "area < 0", "--drop-empty", "--to", target]
        let outcome = try Self.run(data, words + ["-o", "out"])
        #expect(outcome.status == 65 && outcome.stderr.contains("filter.empty 3"), "\(outcome)")
        #expect(!FileSystem.exists(data.file("out")))
        // A folder that was there stays, and with it what is not ours.
        try FileSystem.createDirectory(data.file("there"))
        #expect(try Self.run(data, words + ["-o", "there"]).status == 65)
        #expect(try FileSystem.list(data.file("there")).isEmpty)
        try AtomicFileWriter.write("mine", to: data.file("there/notes.txt"))
        #expect(try Self.run(data, words + ["-o", "there", "--force"]).status == 65)
        let left = try FileSystem.list(data.file("there"))
        #expect(left.contains("notes.txt") && !left.contains { $0.hasPrefix(".samdata") || $0.hasSuffix(".tfrecord") })
    }

    /// Each call, and a word of what is said against it.
    static let refused: [(words: [String], message: String)] = [
        (["--categories", ""], "names nothing"), (["--categories", " , "], "names nothing"),
        (["--exclude-categories", ","], "names nothing"),
        (["--to", "coco-panoptic", "--stuff", "nope"], "no category is called nope"),
        (["--subset", "val"], "is a file"),
        (["--to", "yolo", "--stages", "[shard: {size: 1MB}]"], "would do nothing"),
        (["--stages", "[tile: {size: 16}, filter: {audit: a.json}]"], "must stand before tile"),
        (["--split", "val=0.5,test=0.5", "--balance", "repeat-factor"], "trained on"),
        (["--split", "val=0.5,test=0.5", "--stages", "[augment: {steps: [{HorizontalFlip: {}}]}]"], "trained on"),
    ]

    @Test(arguments: refused.indices)
    func optionsWithoutEffectAreRefused(index: Int) throws {
        let (words, message) = Self.refused[index]
        let data = try ConvertTests.dataset()
        let outcome = try Self.run(data, words + ["-o", "out"])
        #expect(outcome.status == 64 && outcome.stderr.contains(message), "\(words): \(outcome)")
        #expect(!FileSystem.exists(data.file("out")))
    }

    /// Blanks in a list of names mean nothing, and a criterion of doubles may follow another.
    @Test func listsAndRepeatedOptions() throws {
        let data = try ConvertTests.dataset()
        #expect(try Self.run(data, ["--categories", "square, crowd", "-o", "a"]).status == 0)
        let twice = try Self.run(data, ["--dedup", "bytes", "--dedup", "perceptual=0", "-o", "b", "--json"])
        let stages = try JSONDocument.parse(twice.stdout)["stages"]?.array
        #expect(twice.status == 0 && stages?.count == 2, "\(twice)")
    }

    /// Rings that are none, beside one that is, and classes that cannot be told by their names.
    @Test func brokenRingsAndNamesAreTold() throws {
        let data = try TemporaryDirectory()
        try AtomicFileWriter.write(ConvertFixture.image(width: 24, height: 18), to: data.file("x.png"))
        try AtomicFileWriter.write(
            #"{"images":[{"id":1,"file_name":"x.png","width":24,"height":18}],"categories":[{"id":1,"name":"a"},{"id":2,"name":"a"},{"id":3,"name":""}],"annotations":[{"id":5,"image_id":1,"category_id":1,"iscrowd":0,"area":64,"bbox":[2,2,8,8],"segmentation":[[2,2,10,2,10,10,2,10],[],[1,2],[1,2,3,4],[3,3,6,3,6,6,1]]}]}"#,
            to: data.file("labels.json"))
        let outcome = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", ".", "-o", "out", "--json"], in: data.path)
        #expect(outcome.status == 0, "\(outcome)")
        let findings = try JSONDocument.parse(outcome.stdout)["findings"]?.array ?? []
        for (rule, ids) in [
            ("polygon.empty", ["5"]), ("polygon.degenerate", ["5"]), ("polygon.odd-length", ["5"]),
            ("schema.duplicate-category-name", ["2"]), ("schema.category-name", ["3"]),
        ] {
            let found = findings.first { $0["rule"]?.string == rule }
            #expect(found?["ids"] == .array(ids.map { .string($0) }) && found?["severity"] == "warning", "\(rule)")
        }
    }

    /// What is dropped of formats without ids is named by file and line.
    @Test func droppedLinesNameTheirFile() throws {
        let data = try TemporaryDirectory()
        for name in ["a", "b"] {
            try AtomicFileWriter.write(ConvertFixture.image(width: 24, height: 18), to: data.file(name + ".png"))
            try AtomicFileWriter.write("0 0.5 0.5 0.5 0.5\n0 1 2 3\n", to: data.file(name + ".txt"))
        }
        let outcome = try BuiltBinary.run(
            ["convert", "yolo", ".", "--class-names", "cell", "--to", "coco", "-o", "out", "--json"], in: data.path)
        let findings = try JSONDocument.parse(outcome.stdout)["findings"]?.array ?? []
        let ids = findings.first { $0["dropped"] == true }?["ids"]?.array?.compactMap(\.string) ?? []
        #expect(ids.count == 2 && ids[0].hasSuffix("a.txt line 2") && ids[1].hasSuffix("b.txt line 2"), "\(outcome)")
    }

    /// A COCO file made of LVIS's is a COCO file.
    @Test func cocoOfLVISIsRecognised() throws {
        let data = try ConvertMembersTests.dataset()
        let made = try BuiltBinary.run(
            ["convert", "auto", "labels.json", "--images", "images", "--to", "coco", "-o", "out"], in: data.path)
        #expect(made.status == 0, "\(made)")
        let plan = try BuiltBinary.run(
            ["convert", "auto", "out/annotations.json", "-o", "x", "--dry-run"], in: data.path)
        #expect(plan.stdout.contains("samdata convert coco "), "\(plan)")
    }
}
