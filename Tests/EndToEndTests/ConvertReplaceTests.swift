import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// What is in the output of a conversion is that conversion's alone, or said to be another's.
@Suite struct ConvertReplaceTests {
    private static func convert(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert"] + words, in: data.path)
    }

    private static func from(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert", "coco", "labels.json", "--images", "images"] + words, in: data.path)
    }

    private static func split(_ data: TemporaryDirectory, seed: Int, _ words: String...) throws -> BuiltBinary.Outcome {
        let call = [
            "convert", "coco", "labels.json", "--images", "images", "-o", "out", "--seed", "\(seed)", "--force",
        ]
        return try BuiltBinary.run(call + ["--split", "train=0.5,val=0.5"] + words, in: data.path)
    }

    /// With --force a second split leaves nothing of the first: no image is in both parts.
    @Test(arguments: ["yolo", "labelme", "voc", "mask-folder", "sa-1b"])
    func theOldSplitIsTakenAway(format: String) throws {
        let data = try InterruptedConversion.dataset(images: 20)
        for seed in [1, 2] {
            let outcome = try Self.split(data, seed: seed, "--to", format)
            #expect(outcome.status == 0 && !outcome.stdout.contains("output.other-files"), "\(outcome)")
        }
        let forced = try InterruptedConversion.files(in: data.file("out"))
        try FileManager.default.removeItem(atPath: data.file("out"))
        #expect(try Self.split(data, seed: 2, "--to", format).status == 0)
        let fresh = try InterruptedConversion.files(in: data.file("out"))
        #expect(forced == fresh)
        // Without a split, no folder of a part is left either.
        #expect(try Self.from(data, "--to", format, "-o", "out", "--force").status == 0)
        #expect(try Self.from(data, "--to", format, "-o", "plain").status == 0)
        #expect(
            try InterruptedConversion.files(in: data.file("out")).keys.sorted()
                == InterruptedConversion.files(in: data.file("plain")).keys.sorted())
        #expect(!FileSystem.exists(data.file("out/train")))
    }

    /// However the output is spelled, what was just written stays, and nothing else is left.
    @Test(arguments: ["out", "out/", "./out", "./out//", "link", "link/"], [[], ["--split", "train=0.5,val=0.5"]])
    func theOutputMayBeSpelledInAnyWay(spelling: String, split: [String]) throws {
        let data = try InterruptedConversion.dataset(images: 6)
        try FileSystem.createDirectory(data.file("out"))
        try FileManager.default.createSymbolicLink(atPath: data.file("link"), withDestinationPath: data.file("out"))
        for (target, output) in [("yolo", "out"), ("yolo", spelling), ("coco", spelling), ("yolo", spelling)] {
            let outcome = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", "images", "--to", target, "-o", output, "--force"]
                    + split, in: data.path)
            #expect(outcome.status == 0 && !outcome.stdout.contains("output.other-files"), "\(outcome)")
        }
        let found = try InterruptedConversion.files(in: data.file("out"))
        let fresh = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "--to", "yolo", "-o", "fresh"] + split,
            in: data.path)
        #expect(fresh.status == 0)
        #expect(found == (try InterruptedConversion.files(in: data.file("fresh"))))
    }

    /// Shards over a split set keep their own list of the split, and images that are read where they lie stay.
    @Test func whatIsReadOrJustWrittenStays() throws {
        let data = try InterruptedConversion.dataset(images: 6)
        #expect(try Self.split(data, seed: 1, "--to", "yolo").status == 0)
        #expect(try Self.split(data, seed: 1).status == 0)
        #expect(FileSystem.exists(data.file("out/split.json")) && !FileSystem.exists(data.file("out/data.yaml")))
        // The images lie in the output, the labels elsewhere.
        try FileSystem.createDirectory(data.file("in"))
        try FileManager.default.moveItem(atPath: data.file("images"), toPath: data.file("in/images"))
        for words in [["--to", "yolo"], ["--to", "coco", "--labels-only"], []] {
            let outcome = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", "in/images", "-o", "in", "--force"] + words,
                in: data.path)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try FileSystem.list(data.file("in/images")).count == 6)
        }
    }

    /// Names that differ in how letters are composed alone are two files.
    @Test func composedNamesAreFilesOfTheirOwn() throws {
        let data = try InterruptedConversion.dataset(images: 1)
        let text = String(decoding: try FileSystem.read(data.file("labels.json")), as: UTF8.self)
        for name in ["e\u{301}.png", "\u{e9}.png"] {
            try AtomicFileWriter.write(try FileSystem.read(data.file("images/0.png")), to: data.file("images/" + name))
            try AtomicFileWriter.write(text.replacing("0.png", with: name), to: data.file("labels.json"))
            #expect(try Self.from(data, "--to", "yolo", "-o", "out", "--force").status == 0)
        }
        #expect(try FileSystem.list(data.file("out/images")).map { Array($0.utf8) } == [Array("\u{e9}.png".utf8)])
    }

    /// After a kill, --force takes away what the killed conversion had listed.
    @Test func aKilledConversionLeavesItsList() throws {
        let data = try InterruptedConversion.dataset(images: 40)
        #expect(try Self.split(data, seed: 1, "--to", "yolo").status == 0)
        // As a kill leaves it: the list under its temporary name, a file on its way.
        try FileManager.default.moveItem(
            atPath: data.file("out/.samdata-files"), toPath: data.file("out/..samdata-files.99999999.tmp"))
        try AtomicFileWriter.write("half", to: data.file("out/train/images/.0.png.99999999.tmp"))
        let outcome = try Self.split(data, seed: 2, "--to", "yolo")
        #expect(outcome.status == 0 && !outcome.stdout.contains("output.other-files"), "\(outcome)")
        let found = try InterruptedConversion.files(in: data.file("out"))
        try FileManager.default.removeItem(atPath: data.file("out"))
        #expect(try Self.split(data, seed: 2, "--to", "yolo").status == 0)
        #expect(found == (try InterruptedConversion.files(in: data.file("out"))))
    }

    /// Another format in the same place, and shards.
    @Test func anotherFormatTakesThePlace() throws {
        let data = try InterruptedConversion.dataset(images: 6)
        for target in ["yolo", "coco", "shards", "labelme", "shards"] {
            #expect(try Self.from(data, "--to", target, "-o", "out", "--force").status == 0)
            try? FileManager.default.removeItem(atPath: data.file("fresh"))
            #expect(try Self.from(data, "--to", target, "-o", "fresh").status == 0)
            #expect(
                try InterruptedConversion.files(in: data.file("out")).keys.sorted()
                    == InterruptedConversion.files(in: data.file("fresh")).keys.sorted(), "\(target)")
        }
    }

    /// Files that no conversion has written stay, and are told of; so do those of a list that leads out of the output.
    @Test func filesOfOthersStay() throws {
        let data = try InterruptedConversion.dataset(images: 4)
        #expect(try Self.from(data, "--to", "yolo", "-o", "out").status == 0)
        try AtomicFileWriter.write("mine", to: data.file("out/images/mine.png"))
        try AtomicFileWriter.write("mine", to: data.file("mine.txt"))
        try FileSystem.createDirectory(data.file("elsewhere"))
        try AtomicFileWriter.write("mine", to: data.file("elsewhere/a.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: data.file("out/link"), withDestinationPath: data.file("elsewhere"))
        let list = data.file("out/.samdata-files")
        let text = String(decoding: try FileSystem.read(list), as: UTF8.self)
        try AtomicFileWriter.write(
            text + "\"../mine.txt\"\n\"\(data.file("mine.txt"))\"\n\"link/a.txt\"\n\"\"\nnothing\n", to: list)
        let outcome = try Self.from(data, "--to", "yolo", "-o", "out", "--force")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.stdout.contains("output.other-files"), "\(outcome)")
        #expect(outcome.stdout.contains("images/mine.png"), "\(outcome)")
        for path in ["out/images/mine.png", "mine.txt", "elsewhere/a.txt"] {
            #expect(FileSystem.exists(data.file(path)), "\(path)")
        }
    }

    /// Shards go with the manifest that lists them, or the journal of a conversion that was killed; files of the same kind that
    /// neither knows stay, and are never replaced.
    @Test func shardsOfOthersStay() throws {
        let data = try InterruptedConversion.dataset(images: 6)
        #expect(try Self.split(data, seed: 1).status == 0)
        try AtomicFileWriter.write("mine", to: data.file("out/data-00000-of-00009.tfrecord"))
        #expect(try Self.from(data, "-o", "out", "--force").status == 0)
        #expect(try Self.from(data, "-o", "fresh").status == 0)
        let fresh = try FileSystem.list(data.file("fresh"))
        #expect(try FileSystem.list(data.file("out")).sorted() == (fresh + ["data-00000-of-00009.tfrecord"]).sorted())
        // As a kill leaves it: no manifest, and a shard that the journal has.
        try FileManager.default.removeItem(atPath: data.file("out/manifest.json"))
        try FileSystem.createDirectory(data.file("out/.samdata-resume-0123456789abcdef"))
        try AtomicFileWriter.write(
            "{}", to: data.file("out/.samdata-resume-0123456789abcdef/data-00000-of-00001.tfrecord.json"))
        #expect(try Self.from(data, "--to", "coco", "-o", "out", "--force").status == 0)
        #expect(!FileSystem.exists(data.file("out/data-00000-of-00001.tfrecord")))
        for name in ["manifest.json", "data-00000-of-00001.tfrecord", "data-00000-of-00001.idx"] {
            for policy in ["--force", "--resume"] {
                try? FileManager.default.removeItem(atPath: data.file("other"))
                try FileSystem.createDirectory(data.file("other"))
                try AtomicFileWriter.write("{\"mine\": 1}", to: data.file("other/" + name))
                let outcome = try Self.from(data, "-o", "other", policy)
                #expect(outcome.status != 0 && outcome.stderr.contains("other/" + name), "\(outcome)")
                #expect(try FileSystem.list(data.file("other")) == [name])
                #expect(try FileSystem.read(data.file("other/" + name)) == Array("{\"mine\": 1}".utf8))
            }
        }
        #expect(try Self.from(data, "-o", "new", "--resume").status == 0)
    }

    /// Sets of their own in folders of the output stay, finished or not; so do files of others with a part's names.
    @Test func setsBelowTheOutputStay() throws {
        let data = try InterruptedConversion.dataset(images: 6)
        for name in ["data", "other"] { #expect(try Self.from(data, "-o", "out/" + name).status == 0) }
        let journal = "out/other/.samdata-resume-0123456789abcdef"
        try FileSystem.createDirectory(data.file(journal))
        try FileManager.default.removeItem(atPath: data.file("out/other/manifest.json"))
        // A split that was killed, and a file of the user's with the name of its part's shard.
        try FileSystem.createDirectory(data.file("out/.samdata-resume-fedcba9876543210"))
        try AtomicFileWriter.write(
            "{}", to: data.file("out/.samdata-resume-fedcba9876543210/train-00000-of-00001.tfrecord.json"))
        try AtomicFileWriter.write("mine", to: data.file("out/train-00000-of-00001.tfrecord"))
        let before = try InterruptedConversion.files(in: data.file("out/data"))
        for _ in 0..<2 { #expect(try Self.split(data, seed: 1).status == 0) }
        #expect(try InterruptedConversion.files(in: data.file("out/data")) == before)
        #expect(FileSystem.exists(data.file(journal)))
        #expect(FileSystem.exists(data.file("out/other/data-00000-of-00001.tfrecord")))
        #expect(try FileSystem.read(data.file("out/train-00000-of-00001.tfrecord")) == Array("mine".utf8))
        // Parts may be links.
        try FileSystem.createDirectory(data.file("elsewhere"))
        try FileSystem.createDirectory(data.file("linked"))
        try FileManager.default.createSymbolicLink(
            atPath: data.file("linked/train"), withDestinationPath: data.file("elsewhere"))
        for _ in 0..<2 {
            let outcome = try Self.from(data, "-o", "linked", "--split", "train=0.5,val=0.5", "--force")
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    /// A set that is converted where it lies is not taken away.
    @Test func theInputStays() throws {
        let data = try InterruptedConversion.dataset(images: 4)
        #expect(try Self.from(data, "--to", "yolo", "-o", "out").status == 0)
        let before = try InterruptedConversion.files(in: data.file("out"))
        #expect(try Self.convert(data, "yolo", "out", "--to", "coco", "-o", "out", "--force").status == 0)
        let after = try InterruptedConversion.files(in: data.file("out"))
        for name in before.keys where name.hasPrefix("labels/") { #expect(after[name] == before[name], "\(name)") }
        #expect(after["annotations.json"] != nil)
    }

    /// What a killed conversion has left does not pass for a set.
    @Test func anUnfinishedSetIsTold() throws {
        let data = try InterruptedConversion.dataset(images: 6)
        #expect(try Self.from(data, "--to", "yolo", "-o", "out").status == 0)
        #expect(try Self.convert(data, "yolo", "out", "-o", "whole", "--strict").status == 0)
        try FileSystem.createDirectory(data.file("out/.samdata-resume-0123456789abcdef"))
        let told = try Self.convert(data, "yolo", "out", "-o", "part")
        #expect(told.status == 0 && told.stdout.contains("labels.unfinished"), "\(told)")
        #expect(try Self.convert(data, "yolo", "out", "-o", "strict", "--strict").status == 65)
    }
}
