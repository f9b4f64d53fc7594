import Foundation
import Images
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// `samdata segment` as a user runs it, on the small trained model and its images.
@Suite struct SegmentTests {
    private static let samples = Repository.root + "/samples/nuclei"
    private static let weights = samples + "/nano.safetensors"
    /// Few points and low thresholds: quick, and many masks.
    private static let quick = [
        "--points-per-side", "6", "--pred-iou-thresh", "0.4", "--stability-score-thresh", "0.4",
    ]

    /// A directory with a folder `images` of small parts of the sample images, called a.png, b.png, …
    private static func prepared(_ count: Int = 3) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        for (index, name) in try FileSystem.list(samples + "/images").prefix(count).enumerated() {
            let whole = try ImageCodec.decodeRGB(FileSystem.read(samples + "/images/" + name))
            let part = whole.cropped(row: 10 * index, column: 5, height: 150 + index, width: 200 - 9 * index)
            let letter = String(UnicodeScalar(UInt8(97 + index)))
            try AtomicFileWriter.write(ImageCodec.encodePNG(part), to: directory.file("images/\(letter).png"))
        }
        return directory
    }

    private static func segment(
        _ arguments: [String], in directory: TemporaryDirectory, input: String = "images", weights: String = weights
    ) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["segment", input, "--weights", weights] + quick + arguments, in: directory.path)
    }

    private static func bytes(_ name: String, in directory: TemporaryDirectory) throws -> [UInt8] {
        try FileSystem.read(directory.file(name))
    }

    private static func rle(_ segmentation: JSONValue?) throws -> RLE {
        let size = try #require(segmentation?["size"]?.array).compactMap(\.int)
        let counts = try #require(segmentation?["counts"]?.string)
        return try RLE(height: size[0], width: size[1], compressed: Array(counts.utf8))
    }

    // MARK: Output

    @Test func aFolderGivesACOCOFileAReportAndPictures() throws {
        let directory = try Self.prepared()
        try AtomicFileWriter.write("notes", to: directory.file("images/notes.txt"))
        let run = try Self.segment(["-o", "out.json", "--picture", "pictures", "--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let report = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("segment").violations(of: report) == [])
        #expect(report["images"] == 3 && report["other_files"] == 1 && report["is_complete"] == true)

        let coco = try JSONDocument.read(path: directory.file("out.json"))
        #expect(try JSONSchemaCheck("coco-instances").violations(of: coco) == [])
        let images = try #require(coco["images"]?.array)
        #expect(images.compactMap { $0["file_name"]?.string } == ["a.png", "b.png", "c.png"])
        #expect(images.compactMap { $0["width"]?.int } == [200, 191, 182])
        let annotations = try #require(coco["annotations"]?.array)
        #expect(annotations.count == report["masks"]?.int && annotations.count > 20)
        #expect(annotations.compactMap { $0["id"]?.int } == Array(1...annotations.count))
        #expect(Set(annotations.compactMap { $0["image_id"]?.int }) == [1, 2, 3])
        for annotation in annotations {
            let rle = try Self.rle(annotation["segmentation"])
            let image = images[try #require(annotation["image_id"]?.int) - 1]
            #expect(rle.height == image["height"]?.int && rle.width == image["width"]?.int)
            let box = try #require(annotation["bbox"]?.array).compactMap(\.double)
            let tight = rle.boundingBox
            #expect(box == [tight.x, tight.y, tight.width, tight.height])
            #expect(annotation["area"]?.double == Double(rle.area))
            #expect(try #require(annotation["score"]?.double) > 0.4)
            #expect(try #require(annotation["stability_score"]?.double) >= 0.4)
            #expect(annotation["point_coords"]?[0]?.array?.count == 2)
            #expect(annotation["crop_box"] == [0, 0, image["width"] ?? .null, image["height"] ?? .null])
        }
        #expect(try FileSystem.list(directory.file("pictures")) == ["a.png", "b.png", "c.png"])
        let picture = try ImageCodec.decodeRGB(Self.bytes("pictures/a.png", in: directory))
        #expect(picture.width == 400 && picture.height == 300)
        // Nothing of the work is left behind.
        #expect(try FileSystem.list(directory.path) == ["images", "out.json", "pictures"])
    }

    @Test func aSingleImageGivesTheSameMasksAsInItsFolder() throws {
        let directory = try Self.prepared(1)
        let folder = try Self.segment(["-o", "folder.json"], in: directory)
        let file = try Self.segment(["-o", "file.json"], in: directory, input: "images/a.png")
        #expect(folder.status == 0 && file.status == 0, "\(folder.stderr) \(file.stderr)")
        #expect(file.stdout.contains("masks per image"))
        let documents = try ["folder.json", "file.json"].map { try JSONDocument.read(path: directory.file($0)) }
        #expect(documents[0]["annotations"] == documents[1]["annotations"])
        #expect(documents[1]["images"]?[0]?["file_name"] == "a.png")
    }

    @Test func sa1bHasAFileAnImage() throws {
        let directory = try Self.prepared(2)
        let coco = try Self.segment(["-o", "out.json"], in: directory)
        let run = try Self.segment(["-o", "sa1b", "--format", "sa1b"], in: directory)
        #expect(coco.status == 0 && run.status == 0, "\(run.stderr)")
        #expect(try FileSystem.list(directory.file("sa1b")) == ["a.json", "b.json", "samdata-segment.json"])
        let all = try #require(JSONDocument.read(path: directory.file("out.json"))["annotations"]?.array)
        for (index, name) in ["a", "b"].enumerated() {
            let document = try JSONDocument.read(path: directory.file("sa1b/\(name).json"))
            #expect(document["image"]?["file_name"]?.string == name + ".png")
            #expect(document["image"]?["image_id"]?.int == index + 1)
            let found = try #require(document["annotations"]?.array)
            let wanted = all.filter { $0["image_id"]?.int == index + 1 }
            #expect(found.map { $0["segmentation"] } == wanted.map { $0["segmentation"] })
            #expect(found.map { $0["predicted_iou"] } == wanted.map { $0["score"] })
            for annotation in found {
                // As the reference measures: from the first pixel to the last.
                let box = try Self.rle(annotation["segmentation"]).boundingBox
                let sides = annotation["bbox"]?.array?.compactMap(\.double)
                #expect(sides == [box.x, box.y, box.width - 1, box.height - 1])
                for key in ["id", "area", "stability_score", "point_coords", "crop_box"] {
                    #expect(annotation[key] != nil, "\(key)")
                }
            }
        }
        let again = try Self.segment(["-o", "sa1b", "--format", "sa1b", "--resume", "--json"], in: directory)
        #expect(try again.status == 0 && JSONDocument.parse(again.stdout)["resumed_images"] == 2, "\(again.stderr)")
    }

    @Test func resultDependsOnNoThread() throws {
        let directory = try Self.prepared(1)
        for threads in ["1", "2", "3"] {
            let run = try Self.segment(["-o", "\(threads).json", "--threads", threads], in: directory)
            #expect(run.status == 0, "\(run.stderr)")
        }
        let first = try Self.bytes("1.json", in: directory)
        #expect(try Self.bytes("2.json", in: directory) == first)
        #expect(try Self.bytes("3.json", in: directory) == first)
    }

    @Test func optionsReachTheGenerator() throws {
        let directory = try Self.prepared(1)
        func masks(_ name: String, _ options: [String]) throws -> [JSONValue] {
            let run = try Self.segment(["-o", name + ".json"] + options, in: directory)
            #expect(run.status == 0, "\(run.stderr)")
            return try #require(JSONDocument.read(path: directory.file(name + ".json"))["annotations"]?.array)
        }
        let all = try masks("all", [])
        #expect(try masks("few", ["--max-masks", "4"]) == Array(all.prefix(4)))
        let strict = try masks("strict", ["--pred-iou-thresh", "0.55"])
        #expect(strict.count < all.count && strict.allSatisfy { $0["score"]?.double ?? 0 > 0.55 })
        let stable = try masks("stable", ["--stability-score-thresh", "0.7"])
        #expect(stable.count < all.count && stable.allSatisfy { $0["stability_score"]?.double ?? 0 >= 0.7 })
        #expect(try masks("apart", ["--box-nms-thresh", "0.1"]).count < all.count)
        let crops = try masks("crops", ["--crop-n-layers", "1"])
        #expect(Set(crops.compactMap { $0["crop_box"]?.text() }).count > 1)
        let clean = try masks("clean", ["--min-mask-region-area", "25"])
        for mask in clean {
            let parts = try Self.rle(mask["segmentation"]).bitmap().connectedComponents(eightConnected: true)
            #expect(parts.areas.count == 1 || parts.areas.allSatisfy { $0 >= 25 })
        }
        let tiles = try masks("tiles", ["--tile", "100", "--halo", "24"])
        #expect(!tiles.isEmpty && Set(tiles.compactMap { $0["crop_box"]?.text() }).count > 1)
        let half = try masks("half", ["--precision", "bf16"])
        #expect(half.first?["score"] != all.first?["score"])
    }

    // MARK: Interruption

    /// A run that was stopped after some images goes on, and ends with the bytes of one without a break.
    @Test func aStoppedRunGoesOn() throws {
        let directory = try Self.prepared(8)
        let whole = try Self.segment(["-o", "whole.json"], in: directory)
        #expect(whole.status == 0, "\(whole.stderr)")

        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
        process.arguments =
            ["segment", "images", "--weights", Self.weights] + Self.quick + ["-o", "part.json", "--quiet"]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // As soon as the first image is in the journal.
        func finished() throws -> [String] {
            let journals = try FileSystem.list(directory.path).filter { $0.hasPrefix(".part.json.samdata-resume-") }
            return try journals.flatMap { try FileSystem.list(directory.file($0)).filter { !$0.hasPrefix(".") } }
        }
        while process.isRunning, try finished().isEmpty { usleep(2000) }
        process.interrupt()
        process.waitUntilExit()
        let early = process.terminationStatus == 0
        #expect(early || process.terminationStatus == 130)
        if !early {
            #expect(!FileSystem.exists(directory.file("part.json")))
            #expect(try !finished().isEmpty)
            // Neither silently anew, nor with other options.
            let refused = try Self.segment(["-o", "part.json"], in: directory)
            #expect(refused.status == 64 && refused.stderr.contains("--resume goes on"), "\(refused.stderr)")
            let other = try Self.segment(["-o", "part.json", "--resume", "--max-masks", "3"], in: directory)
            #expect(other.status == 64 && other.stderr.contains("other images, weights or options"), "\(other.stderr)")
        }
        let resumed = try Self.segment(["-o", "part.json", "--resume", "--json"], in: directory)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        #expect(try JSONDocument.parse(resumed.stdout)["resumed_images"]?.int ?? 0 >= 1)
        #expect(try Self.bytes("part.json", in: directory) == Self.bytes("whole.json", in: directory))
        #expect(try FileSystem.list(directory.path).filter { $0.hasPrefix(".") } == [])
    }

    /// What is finished is not computed again, unless the image or the entry has changed.
    @Test func onlyWhatIsUnchangedIsTaken() throws {
        let directory = try Self.prepared(3)
        let whole = try Self.segment(["-o", "whole.json"], in: directory)
        #expect(whole.status == 0, "\(whole.stderr)")
        // A run that fails at the last image leaves the others in the journal.
        let last = try Self.bytes("images/c.png", in: directory)
        try AtomicFileWriter.write(Array(last[..<200]), to: directory.file("images/c.png"))
        let failed = try Self.segment(["-o", "part.json", "--on-error", "fail"], in: directory)
        #expect(failed.status == 65 && failed.stderr.contains("c.png"), "\(failed.stderr)")
        try AtomicFileWriter.write(last, to: directory.file("images/c.png"))
        let name = try #require(try FileSystem.list(directory.path).first { $0.hasPrefix(".part.json") })
        #expect(try FileSystem.list(directory.file(name)) == ["a.png.json", "b.png.json"])
        let entry = try Self.bytes(name + "/b.png.json", in: directory)
        try AtomicFileWriter.write(Array(entry[..<(entry.count / 2)]), to: directory.file(name + "/b.png.json"))
        let resumed = try Self.segment(
            ["-o", "part.json", "--resume", "--json", "--picture", "pictures"], in: directory)
        #expect(try FileSystem.list(directory.file("pictures")) == ["a.png", "b.png", "c.png"])
        #expect(
            try resumed.status == 0 && JSONDocument.parse(resumed.stdout)["resumed_images"] == 1, "\(resumed.stderr)")
        #expect(try Self.bytes("part.json", in: directory) == Self.bytes("whole.json", in: directory))

        // A finished output is left as it is; one of other images is refused.
        let again = try Self.segment(["-o", "part.json", "--resume", "--json"], in: directory)
        #expect(try again.status == 0 && JSONDocument.parse(again.stdout)["resumed_images"] == 3)
        try AtomicFileWriter.write(Self.bytes("images/a.png", in: directory), to: directory.file("images/d.png"))
        let other = try Self.segment(["-o", "part.json", "--resume"], in: directory)
        #expect(other.status == 64 && other.stderr.contains("--force"), "\(other.stderr)")
        let forced = try Self.segment(["-o", "part.json", "--force", "--json"], in: directory)
        #expect(try forced.status == 0 && JSONDocument.parse(forced.stdout)["images"] == 4)
    }

    // MARK: Wrong input

    /// Broken files are reported and counted; the others are segmented.
    @Test func brokenImagesAreReported() throws {
        let directory = try Self.prepared(2)
        let good = try Self.bytes("images/a.png", in: directory)
        try AtomicFileWriter.write(Array(good[..<(good.count / 2)]), to: directory.file("images/half.png"))
        try AtomicFileWriter.write("no image", to: directory.file("images/text.jpg"))
        try AtomicFileWriter.write([], to: directory.file("images/empty.jpeg"))
        let run = try Self.segment(["-o", "out.json", "--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let report = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("segment").violations(of: report) == [])
        #expect(report["images"] == 2 && report["dropped_images"] == 3)
        let paths = report["findings"]?.array?.compactMap { $0["path"]?.string }
        #expect(paths == ["images/empty.jpeg", "images/half.png", "images/text.jpg"])
        let rules = report["findings"]?.array?.compactMap { $0["rule"]?.string }
        #expect(rules == ["image.truncated", "image.truncated", "image.undecodable"])
        #expect(try JSONDocument.read(path: directory.file("out.json"))["images"]?.array?.count == 2)

        let strict = try Self.segment(["-o", "strict.json", "--strict"], in: directory)
        #expect(strict.status == 65 && strict.stderr.contains("images/half.png"), "\(strict.stderr)")
        #expect(try Self.bytes("strict.json", in: directory) == Self.bytes("out.json", in: directory))
        let silent = try Self.segment(["-o", "silent.json", "--on-error", "skip"], in: directory)
        #expect(silent.status == 0 && !silent.stderr.contains("half.png"))
        let failed = try Self.segment(["-o", "failed.json", "--on-error", "fail"], in: directory)
        #expect(failed.status == 65 && failed.stderr.contains("images/empty.jpeg"), "\(failed.stderr)")
        // The report of finished work is that of the run that did it.
        let again = try Self.segment(["-o", "out.json", "--resume", "--json"], in: directory)
        #expect(try JSONDocument.parse(again.stdout)["findings"] == report["findings"])
        let alone = try Self.segment(["-o", "alone.json"], in: directory, input: "images/half.png")
        #expect(alone.status == 65 && alone.stderr.contains("no image can be used"), "\(alone.stderr)")
    }

    @Test(
        arguments: [
            (["-o", "out.json", "--points-per-side", "0"], "images", 64, "points-per-side is 0"),
            (["-o", "out.json", "--crop-overlap-ratio", "2"], "images", 64, "crop-overlap-ratio"),
            (["-o", "out.json", "--pred-iou-thresh", "nan"], "images", 64, "pred-iou-thresh"),
            (["-o", "out.json", "--halo", "5"], "images", 64, "--halo needs --tile"),
            (["-o", "out.json", "--tile", "3"], "images", 64, "--tile"),
            (["-o", "out.json", "--tile", "9223372036854775807"], "images", 64, "--tile"),
            (["-o", "out.json", "--tile", "64", "--halo", "65"], "images", 64, "--halo"),
            (["-o", "out.json", "--max-masks", "0"], "images", 64, "--max-masks"),
            (["-o", "out.json", "--resume", "--force"], "images", 64, "exclude"),
            (["-o", "out.json", "--format", "yolo"], "images", 64, "yolo"),
            (["-o", "images"], "images", 64, "is a directory"),
            (["-o", "old.json"], "images", 64, "--force"),
            (["-o", "old.json", "--resume"], "images", 64, "not written by samdata segment"),
            (["-o", "old.json", "--format", "sa1b"], "images", 64, "is a file"),
            (["-o", "images", "--format", "sa1b"], "images", 64, "not empty"),
            (["-o", "/proc/nowhere/out.json"], "images", 74, "/proc/nowhere"),
            (["-o", "out.json"], "missing", 66, "missing"),
            (["-o", "out.json"], "empty", 65, "no file that ends in"),
        ] as [([String], String, Int32, String)])
    func wrongArgumentsAreNamed(arguments: [String], input: String, status: Int32, words: String) throws {
        let directory = try Self.prepared(1)
        try FileSystem.createDirectory(directory.file("empty"))
        try AtomicFileWriter.write(#"{"images":[],"annotations":[],"categories":[]}"#, to: directory.file("old.json"))
        // The last of an option given twice would be the test's own, so the quick ones stay out.
        let run = try BuiltBinary.run(
            ["segment", input, "--weights", Self.weights] + arguments, in: directory.path)
        #expect(run.status == status, "\(run.status) \(run.stderr)")
        #expect(run.stderr.contains(words), "\(run.stderr)")
        #expect(run.stdout.isEmpty)
    }

    @Test func wrongWeightsAreNamed() throws {
        let directory = try Self.prepared(1)
        for (weights, status) in [("missing.safetensors", 66), ("images/a.png", 65)] as [(String, Int32)] {
            let run = try Self.segment(["-o", "out.json"], in: directory, weights: weights)
            #expect(run.status == status && run.stderr.contains(weights), "\(run.status) \(run.stderr)")
            #expect(try FileSystem.list(directory.path) == ["images"])
        }
    }
}
