import Foundation
import Images
import JSONText
import Masks
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ConvertMasksTests {
    static let width = 24
    static let height = 18

    /// A mask with a filled box, or a box with a hole.
    static func mask(x: Int, y: Int, side: Int, hasHole: Bool = false) throws -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height)
        for row in y..<y + side {
            for column in x..<x + side { pixels[row * width + column] = 255 }
        }
        if hasHole { pixels[(y + side / 2) * width + x + side / 2] = 0 }
        return try ImageCodec.encodePNG(gray: pixels, width: width, height: height, bitDepth: 8)
    }

    /// Two images with masks in a folder `in`: one object with a hole among three.
    static func folder() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for name in ["a", "b"] {
            try FileSystem.createDirectory(directory.file("in/\(name)/images"))
            try FileSystem.createDirectory(directory.file("in/\(name)/masks"))
            try AtomicFileWriter.write(
                ConvertFixture.image(width: width, height: height), to: directory.file("in/\(name)/images/\(name).png"))
        }
        try AtomicFileWriter.write(mask(x: 2, y: 3, side: 5), to: directory.file("in/a/masks/1.png"))
        try AtomicFileWriter.write(
            mask(x: 10, y: 3, side: 7, hasHole: true), to: directory.file("in/a/masks/2.png"))
        try AtomicFileWriter.write(mask(x: 0, y: 0, side: 4), to: directory.file("in/b/masks/1.png"))
        return directory
    }

    static func run(_ directory: TemporaryDirectory, _ arguments: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert", "masks"] + arguments, in: directory.path)
    }

    @Test func writesOneFile() throws {
        let data = try Self.folder()
        let outcome = try Self.run(data, "in", "-o", "out/labels.json", "--category", "box")
        #expect(outcome.status == 0)
        #expect(outcome.stderr.isEmpty)
        #expect(outcome.stdout.contains("     2        3         2            1"))
        let labels = try JSONDocument.read(path: data.file("out/labels.json"))
        #expect(labels["images"]?.array?.map { $0["file_name"]?.string } == ["a/images/a.png", "b/images/b.png"])
        #expect(labels["categories"]?[0]?["name"] == "box")
        let annotations = try #require(labels["annotations"]?.array)
        #expect(annotations.map { $0["area"] } == [25, 48, 16])
        #expect(annotations.map { $0["image_id"] } == [1, 1, 2])
        #expect(annotations[0]["bbox"] == [2, 3, 5, 5])
        #expect(annotations[0]["segmentation"] == [[2, 3, 7, 3, 7, 8, 2, 8]])
        let counts = try #require(annotations[1]["segmentation"]?["counts"]?.string)
        #expect(annotations[1]["segmentation"]?["size"] == [18, 24])
        #expect(try RLE(height: 18, width: 24, compressed: Array(counts.utf8)).area == 48)
        // The same again, with another number of threads, is the same file; without --force it is refused.
        let first = try FileSystem.read(data.file("out/labels.json"))
        let refused = try Self.run(data, "in", "-o", "out/labels.json")
        #expect(refused.status == 64)
        #expect(refused.stderr.contains("--force"))
        #expect(
            try Self.run(data, "in", "-o", "out/labels.json", "--category", "box", "--force", "--threads", "3").status
                == 0)
        #expect(try FileSystem.read(data.file("out/labels.json")) == first)
    }

    @Test func directoryHoldsLabelsAndImages() throws {
        let data = try Self.folder()
        try FileManager.default.moveItem(
            atPath: data.file("in/b/images/b.png"), toPath: data.file("in/b/images/a.png"))
        let outcome = try Self.run(data, "in", "-o", "out", "--json")
        #expect(outcome.status == 0)
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(summary["labels"] == "out/annotations.json")
        #expect(summary["images"] == 2)
        #expect(summary["polygons"] == 2)
        #expect(summary["run_lengths"] == 1)
        #expect(summary["findings"] == [])
        // Both images are called a.png: their folders tell them apart.
        #expect(try FileSystem.list(data.file("out/images")) == ["a-images-a.png", "b-images-a.png"])
        let labels = try JSONDocument.read(path: data.file("out/annotations.json"))
        #expect(labels["images"]?.array?.map { $0["file_name"]?.string } == ["a-images-a.png", "b-images-a.png"])
        #expect(
            try FileSystem.read(data.file("out/images/a-images-a.png"))
                == FileSystem.read(data.file("in/a/images/a.png")))
        // What was written is read by the next command.
        let next = try BuiltBinary.run(
            ["audit", "out/annotations.json", "--images", "out/images"], in: data.path)
        #expect(next.status == 0, "\(next.stdout)")
    }

    @Test func goesOnToShards() throws {
        let data = try Self.folder()
        let outcome = try Self.run(data, "in", "-o", "out/", "--to", "shards", "--split", "train=0.5,val=0.5", "--json")
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(summary["labels"] == "out.coco.json")
        #expect(summary["shards"]?["images"]?["converted"] == 2)
        var areas: [Int] = []
        for part in ["train", "val"] {
            let set = try ShardSet(path: data.file("out/" + part))
            for index in 0..<set.count { areas += try set.sample(at: index).objects.map(\.mask.area) }
        }
        #expect(areas.sorted() == [16, 25, 48])
    }

    @Test func oddFilesAreListedAndStrictFails() throws {
        let data = try Self.folder()
        let mask = try FileSystem.read(data.file("in/a/masks/1.png"))
        try AtomicFileWriter.write(Array(mask.dropLast(16)), to: data.file("in/a/masks/3.png"))
        try AtomicFileWriter.write("", to: data.file("in/a/masks/4.png"))
        try AtomicFileWriter.write("x", to: data.file("in/a/masks/._1.png"))
        let outcome = try Self.run(data, "in", "-o", "labels.json")
        #expect(outcome.status == 0)
        #expect(outcome.stderr.contains("in/a/masks/3.png: error:"))
        #expect(outcome.stderr.contains("[masks.apple-double]"))
        #expect(outcome.stdout.contains("masks.unreadable    error         2"))
        let strict = try Self.run(data, "in", "-o", "labels.json", "--force", "--strict", "--quiet")
        #expect(strict.status == 65)
        #expect(strict.stderr.isEmpty)
    }

    /// What is wrong with the call or its files, the exit code, and a word that the message must hold.
    static let wrongCalls: [(arguments: [String], status: Int32, word: String)] = [
        (["gone", "-o", "o"], 66, "gone"), (["in/a/masks/1.png", "-o", "o"], 66, "is not a directory"),
        (["empty", "-o", "o"], 65, "layouts"), (["in/a/masks", "-o", "o"], 65, "layouts"),
        (["broken", "-o", "o"], 65, "no image can be used"), (["in", "-o", "in"], 64, "--force"),
        (["in", "-o", "in/a/masks/1.png"], 64, "is a file"), (["in"], 64, "output"),
        (["in", "-o", "o", "--to", "yolo"], 64, "yolo"),
        (["in", "-o", "o", "--polygon-iou", "0"], 64, "--polygon-iou"),
        (["in", "-o", "o", "--category", ""], 64, "--category"),
        (["in", "-o", "o", "--split", "a=1"], 64, "--to shards"),
        (["in", "-o", "o.json", "--to", "shards"], 64, "directory"), (["in", "-o", "/proc/x.json"], 74, "/proc/"),
    ]

    @Test(arguments: wrongCalls.indices)
    func wrongCallsAreExplained(index: Int) throws {
        let call = Self.wrongCalls[index]
        let data = try Self.folder()
        try FileSystem.createDirectory(data.file("empty"))
        try FileSystem.createDirectory(data.file("broken/a/images"))
        try AtomicFileWriter.write("no image", to: data.file("broken/a/images/a.png"))
        let outcome = try BuiltBinary.run(["convert", "masks"] + call.arguments, in: data.path)
        #expect(outcome.status == call.status, "\(outcome.stderr)")
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.stderr.contains(call.word), "\(outcome.stderr)")
        #expect(!FileSystem.exists(data.file("o")))
    }

    @Test func helpShowsAnExample() throws {
        let outcome = try BuiltBinary.run(["convert", "masks", "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.contains("samdata convert masks stage1_train --category nucleus -o samples/nuclei"))
    }

    /// The committed sample is what the command makes of the folders that it came from.
    @Test(.enabled(if: Repository.sharedData("samples-dsb2018-cc0") != nil, "needs ../shared/data"))
    func sampleIsReproducible() throws {
        let directory = try TemporaryDirectory()
        let source = try #require(Repository.sharedData("samples-dsb2018-cc0"))
        let outcome = try Self.run(directory, source, "--category", "nucleus", "-o", "nuclei")
        #expect(outcome.status == 0)
        let sample = Repository.root + "/samples/nuclei/"
        #expect(
            try FileSystem.read(directory.file("nuclei/annotations.json"))
                == FileSystem.read(sample + "annotations.json"))
        let names = try FileSystem.list(sample + "images")
        #expect(names.count == 16)
        #expect(try FileSystem.list(directory.file("nuclei/images")) == names)
        for name in names {
            #expect(
                try FileSystem.read(directory.file("nuclei/images/" + name))
                    == FileSystem.read(sample + "images/" + name))
        }
    }
}
