import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ConvertTests {
    /// The fixture's labels beside images of the sizes that they state.
    static func dataset() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        for name in ["a/small.png", "b/large.png", "b/empty.png"] {
            let path = directory.file("images/" + name)
            try FileSystem.createDirectory((path as NSString).deletingLastPathComponent)
            try AtomicFileWriter.write(
                ConvertFixture.image(width: name == "a/small.png" ? 24 : 30, height: name == "a/small.png" ? 18 : 20),
                to: path)
        }
        try AtomicFileWriter.write(
            FileSystem.read(Repository.fixture("Pipeline/labels.json")), to: directory.file("labels.json"))
        return directory
    }

    static func run(_ directory: TemporaryDirectory, _ more: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "-o", "out"] + more, in: directory.path)
    }

    @Test func writesShardsAndATable() throws {
        let data = try Self.dataset()
        let outcome = try Self.run(data)
        #expect(outcome.status == 0)
        #expect(outcome.stderr.isEmpty)
        #expect(outcome.stdout.contains("3 of 3 images and 5 objects converted."))
        let set = try ShardSet(path: data.file("out"))
        #expect(set.count == 3)
        #expect(
            set.manifest.command.hasPrefix("samdata convert coco labels.json --images images --shard-size 256000000"))
    }

    @Test func jsonSaysTheSame() throws {
        let data = try Self.dataset()
        try AtomicFileWriter.write("x", to: data.file("images/b/empty.png"))
        let outcome = try Self.run(data, "--json", "--split", "train=0.5,val=0.5", "--quiet")
        #expect(outcome.status == 0)
        #expect(outcome.stderr.isEmpty)
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(summary["images"]?["listed"]?.int == 3)
        #expect(summary["images"]?["converted"]?.int == 2)
        #expect(summary["images"]?["dropped"]?.int == 1)
        #expect(summary["annotations"]?["converted"]?.int == 5)
        #expect(summary["sets"]?.array?.map { $0["name"]?.string } == ["train", "val"])
        #expect(summary["findings"]?.array?.contains { $0["rule"]?.string == "image.undecodable" } == true)
        for set in summary["sets"]?.array ?? [] {
            let manifest = try #require(set["manifest"]?.string)
            #expect(try ShardSet(path: data.file(manifest)).count == set["images"]?.int)
        }
    }

    @Test func dropsAreListedAndStrictFails() throws {
        let data = try Self.dataset()
        try AtomicFileWriter.write("x", to: data.file("images/b/empty.png"))
        let report = try Self.run(data)
        #expect(report.status == 0)
        #expect(report.stderr.contains("image 3") && report.stderr.contains("[image.undecodable]"))
        #expect(report.stdout.contains("dropped: 1 images, 0 annotations"))
        let skip = try Self.run(data, "--force", "--on-error", "skip")
        #expect(skip.status == 0 && skip.stderr.isEmpty)
        let strict = try Self.run(data, "--force", "--strict")
        #expect(strict.status == 65)
        #expect(strict.stdout.contains("dropped"))
        let fail = try Self.run(data, "--force", "--on-error", "fail")
        #expect(fail.status == 65)
        #expect(fail.stdout.isEmpty && fail.stderr.contains("image.undecodable"))
        #expect(try Self.run(data, "--force", "--on-error", "fail", "--dry-run").status == 65)
        #expect(try Self.run(data, "--force", "--dry-run").status == 0)
    }

    @Test func threadsDoNotChangeTheOutput() throws {
        let data = try Self.dataset()
        func shard(_ threads: String) throws -> [UInt8] {
            #expect(try Self.run(data, "--threads", threads, "--force").status == 0)
            return try FileSystem.read(data.file("out/data-00000-of-00001.tfrecord"))
        }
        #expect(try shard("1") == shard("3"))
    }

    /// What is wrong with the call or its files, the exit code, and a word that the message must hold.
    static let wrongCalls: [(arguments: [String], status: Int32, word: String)] = [
        (["convert", "coco", "gone.json", "-o", "o"], 66, "gone.json"),
        (["convert", "coco", "images", "-o", "o"], 65, "no JSON file in this folder"),
        (["convert", "coco", "empty.json", "-o", "o"], 65, "empty.json"),
        (["convert", "coco", "cut.json", "--images", "images", "-o", "o"], 65, "cut off"),
        (["convert", "coco", "list.json", "--images", "images", "-o", "o"], 65, "COCO"),
        (["convert", "coco", "labels.json", "--images", "nowhere", "-o", "o"], 66, "--images"),
        (["convert", "coco", "labels.json", "--images", "labels.json", "-o", "o"], 66, "--images"),
        (["convert", "coco", "labels.json", "--images", "images/a", "-o", "o"], 66, "a/small.png"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "labels.json"], 64, "directory"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "/proc/out"], 74, "/proc/out"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "images"], 64, "--force"),
        (["convert", "coco", "labels.json", "--images", "images"], 64, "output"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "o", "--split", "a=2"], 64, "a=2"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "o", "--shard-size", "big"], 64, "big"),
        (["convert", "coco", "labels.json", "--images", "images", "-o", "o", "--rings", "odd"], 64, "odd"),
        (["convert", "coco", "labels.json", "-o", "o", "--resume", "--force"], 64, "--resume"),
        (["convert", "coco", "labels.json", "-o", "o", "--group-by", "folder"], 64, "--split"),
        (["convert", "yolow", "labels.json", "-o", "o"], 64, "yolow"),
    ]

    @Test(arguments: wrongCalls.indices)
    func wrongCallsAreExplained(index: Int) throws {
        let call = Self.wrongCalls[index]
        let data = try Self.dataset()
        let labels = try FileSystem.read(data.file("labels.json"))
        try AtomicFileWriter.write("", to: data.file("empty.json"))
        try AtomicFileWriter.write(Array(labels.prefix(labels.count / 2)), to: data.file("cut.json"))
        try AtomicFileWriter.write("[1, 2]", to: data.file("list.json"))
        let outcome = try BuiltBinary.run(call.arguments, in: data.path)
        #expect(outcome.status == call.status, "\(outcome.stderr)")
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.stderr.contains(call.word), "\(outcome.stderr)")
        #expect(!FileSystem.exists(data.file("o/manifest.json")))
    }

    /// Without `--images`, the places where images were looked for are named.
    @Test func labelsFarFromTheirImagesAreExplained() throws {
        let data = try Self.dataset()
        let alone = try TemporaryDirectory()
        try FileSystem.createDirectory(alone.file("far"))
        try AtomicFileWriter.write(FileSystem.read(data.file("labels.json")), to: alone.file("far/labels.json"))
        let outcome = try BuiltBinary.run(["convert", "coco", "far/labels.json", "-o", "o"], in: alone.path)
        #expect(outcome.status == 66)
        #expect(outcome.stderr.contains("looked for in far/images, far; --images names"), "\(outcome.stderr)")
        #expect(!FileSystem.exists(alone.file("o")))
    }

    @Test func killedConversionGoesOn() throws {
        let data = try Self.dataset()
        #expect(try Self.run(data, "--shard-size", "1B").status == 0)
        let expected = try FileSystem.list(data.file("out"))
        #expect(try Self.run(data, "--shard-size", "1B").status == 64)
        let again = try Self.run(data, "--shard-size", "1B", "--resume")
        #expect(again.status == 0)
        #expect(again.stdout.contains("3 of 3 shards were done before"))
        #expect(try FileSystem.list(data.file("out")) == expected)
    }

    @Test func helpShowsAnExample() throws {
        let outcome = try BuiltBinary.run(["convert", "coco", "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.contains("Example:") && outcome.stdout.contains("--split train=0.8,val=0.2"))
    }

    /// Labels and images as people have them.
    @Test(.enabled(if: Repository.sharedData("tiny-coco38") != nil, "needs ../shared/data"))
    func realLabelsConvert() throws {
        let data = try #require(Repository.sharedData("tiny-coco38"))
        let scratch = try TemporaryDirectory()
        let outcome = try BuiltBinary.run([
            "convert", "coco", data + "/annotations/instances_train2017.json", "--images", data + "/images/train2017",
            "--strict", "--shard-size", "1MB", "-o", scratch.file("out"),
        ])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.contains("32 of 32 images and 288 objects converted."))
    }
}
