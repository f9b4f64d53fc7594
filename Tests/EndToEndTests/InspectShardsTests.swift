import Foundation
import Images
import JSONText
import Masks
import Runtime
import Shards
import TestSupport
import Testing

/// `samdata inspect` on sets of shards and on single TFRecord files.
@Suite struct InspectShardsTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Stored pixels of every sample.
    static let stored = RGBImage(height: 20, width: 30, pixels: (0..<1800).map { UInt8($0 % 251) })

    static let manifest = ShardManifest(
        name: "cells", exifPolicy: .apply,
        classes: [
            ShardClass(categoryID: 3, name: "cell", supercategory: "life"),
            ShardClass(categoryID: 91, name: "dust\u{1B}[2J", sourceID: "d"),
        ],
        findings: [
            FindingCount(
                rule: "image.missing", severity: .error, subject: .image, count: 2, ids: ["8", "9"], isDrop: true)
        ],
        source: ShardManifest.Source(path: "labels.json", bytes: 12_300, sha256: String(repeating: "a", count: 64)),
        command: "samdata convert coco labels.json", seed: .max)

    /// A sample whose masks are in the frame after `orientation`.
    static func sample(_ number: Int, orientation: Int = 1, isTurned: Bool? = nil) throws -> ShardSample {
        let isTurned = isTurned ?? (orientation >= 5)
        let (width, height) = isTurned ? (20, 30) : (30, 20)
        func object(_ id: Int, category: Int64, isCrowd: Bool, x: Double, size: Double) throws -> ShardObject {
            let box = Box(x: x, y: 2, width: size, height: size)
            return ShardObject(
                annotationID: "a\(id)", categoryID: category, categoryName: category == 3 ? "cell" : "dust",
                isCrowd: isCrowd, area: size * size + 0.5, box: box,
                mask: try RLE(height: height, width: width, box: box))
        }
        return ShardSample(
            imageID: "i\(number)", fileName: "folder/\(number).png", format: "png", width: width, height: height,
            exifOrientation: orientation, encoded: try ImageCodec.encodePNG(stored),
            objects: [
                try object(2 * number, category: 3, isCrowd: false, x: 1, size: 5),
                try object(2 * number + 1, category: 91, isCrowd: true, x: 8, size: 9),
            ])
    }

    /// Writes a set of two shards with two records each, the last one turned by EXIF; returns its directory.
    func write() throws -> String {
        let samples = try [1, 1, 1, 6].enumerated().map { try Self.sample($0, orientation: $1) }
        try ShardSetWriter.write(samples, manifest: Self.manifest, shards: 2, to: directory.file("set"))
        return directory.file("set")
    }

    func document(_ arguments: [String]) throws -> JSONValue {
        let outcome = try BuiltBinary.run(["inspect", "--json"] + arguments)
        #expect(outcome.status == 0, "\(outcome.stderr)")
        return try JSONDocument.parse(outcome.stdout)
    }

    // MARK: The set

    @Test func manifestIsShown() throws {
        let path = try write()
        let outcome = try BuiltBinary.run(["inspect", path])
        #expect(outcome.status == 0 && outcome.stderr.isEmpty)
        for words in [
            "cells", "4, with 8 objects of 2 classes", "apply: ", "labels.json, 12.3 KB, sha256 aaaa",
            "samdata convert coco labels.json", "seed:      18446744073709551615", "image.missing  error     image",
            "dropped  8, 9", "cells-00001-of-00002.tfrecord        2        4", "    0   3  cell      life",
        ] {
            #expect(outcome.stdout.contains(words), "\(words) is not in\n\(outcome.stdout)")
        }
        #expect(!outcome.stdout.contains("\u{1B}"))
        #expect(!outcome.stdout.contains("record 0:"))
    }

    @Test func jsonSaysTheSame() throws {
        let path = try write()
        let json = try document([path + "/manifest.json"])
        #expect(json["kind"] == "shards" && json["shards"] == 2 && json["records"] == 4)
        let set = try ShardSet(path: path)
        #expect(json["bytes"]?.int == set.manifest.byteCount)
        #expect(json["manifest"]?["seed"] == "18446744073709551615" && json["manifest"]?["objects"] == 8)
        #expect(json["manifest"]?["source"]?["bytes"] == 12300 && json["manifest"]?["exif"] == "apply")
        #expect(json["manifest"]?["findings"]?[0]?["ids"] == ["8", "9"])
        #expect(json["manifest"]?["classes"]?[1]?["source_id"] == "d")
        #expect(json["manifest"]?["classes"]?[0]?["images"] == 4)
        #expect(
            json["manifest"]?["files"]?.array?.map { $0["sha256"]?.string } == set.manifest.shards.map { $0.sha256 })
        #expect(json["record"] == nil)
    }

    /// A set whose writer made no digests: shown, and its audit passes by the records' own checksums.
    @Test func setWithoutDigests() throws {
        try ShardSetWriter.write(
            [Self.sample(0), Self.sample(1)], manifest: Self.manifest, makesDigests: false, to: directory.file("plain"))
        let json = try document([directory.file("plain")])
        #expect(json["manifest"]?["files"]?[0]?["sha256"] == .null)
        #expect(try JSONSchemaCheck("inspect").violations(of: json) == [])
        let audit = try BuiltBinary.run(["audit", directory.file("plain"), "--select", "shard.digest"])
        #expect(audit.status == 0, "\(audit.stdout)\(audit.stderr)")
    }

    @Test func oneFileNeedsNoManifest() throws {
        let path = try write()
        try FileManager.default.removeItem(atPath: path + "/manifest.json")
        let file = path + "/cells-00001-of-00002.tfrecord"
        let json = try document([file, "--record", "1"])
        #expect(json["shards"] == 1 && json["records"] == 2 && json["manifest"] == nil)
        #expect(json["record"]?["image_id"] == "i3")
        #expect(try BuiltBinary.run(["inspect", path]).status == 65)
    }

    /// Whoever names the folder above the parts of a split is told which folders are meant.
    @Test func partsOfASplitAreNamed() throws {
        _ = try write()
        let outcome = try BuiltBinary.run(["inspect", directory.path])
        #expect(outcome.status == 66 && outcome.stdout.isEmpty && outcome.stderr.contains("folders set are"))
    }

    // MARK: One record

    /// Records are counted through the set: the third is the first of the second shard.
    @Test func recordIsCountedThroughTheSet() throws {
        let path = try write()
        let set = try ShardSet(path: path)
        let record = try #require(try document([path, "--record", "2"])["record"])
        #expect(record["number"] == 2 && record["image_id"] == "i2" && record["file_name"] == "folder/2.png")
        #expect(record["shard"]?.string == path + "/cells-00001-of-00002.tfrecord" && record["shard_record"] == 0)
        #expect(record["byte_offset"]?.int == set.location(of: 2).byteOffset)
        let sample = try set.sample(at: 2)
        #expect(record["sha256"]?.string == sample.sha256 && record["bytes"]?.int == sample.encoded.count)
        #expect(
            record["annotations"]?[1] == [
                "id": "a5", "class": "dust", "category_id": 91, "is_crowd": true, "area": 81.5, "mask_area": 81,
                "bbox": [8.0, 2.0, 9.0, 9.0],
            ])
        let text = try BuiltBinary.run(["inspect", path, "--record", "3"]).stdout
        for words in [
            "record 3: image i3, folder/3.png, 20 x 30, 2 objects", "EXIF 6", "record 1, byte", sample.sha256,
            "a7  dust   yes    81.5         81  [8, 2, 9, 9]",
        ] {
            #expect(text.contains(words), "\(words) is not in\n\(text)")
        }
    }

    /// The picture shows the pixels in the frame of the masks, beside them the labels.
    @Test(arguments: [0, 3])
    func pictureIsInTheFrameOfTheMasks(record: Int) throws {
        let path = try write()
        let out = directory.file("out.png")
        #expect(try document([path, "--record", "\(record)", "--picture", out])["picture"]?.string == out)
        let drawn = try ImageCodec.decodeRGB(FileSystem.read(out))
        let image = record == 3 ? Self.stored.oriented(exif: 6) : Self.stored
        // Two panels with a gap of 6 pixels, and a strip for titles above.
        let scale = (drawn.width - 6) / 2 / image.width
        #expect(drawn.width == 2 * image.width * scale + 6)
        let strip = drawn.height - image.height * scale
        func pixel(_ row: Int, _ column: Int, panel: Int) -> RGBColour {
            drawn[
                strip + row * scale + scale / 2, panel * (image.width * scale + 6) + column * scale + scale / 2]
        }
        for (row, column) in [(4, 3), (15, 18), (19, 0)] {
            #expect(pixel(row, column, panel: 0) == image[row, column])
            #expect((pixel(row, column, panel: 1) != image[row, column]) == (row == 4))
        }
    }

    @Test func pictureWithoutANumberIsTheFirstRecord() throws {
        let path = try write()
        let out = directory.file("out.png")
        let outcome = try BuiltBinary.run(["inspect", path, "--picture", out])
        #expect(outcome.status == 0 && outcome.stdout.contains("record 0: image i0"))
        #expect(FileSystem.exists(out))
    }

    @Test func recordThatIsNotThereIsAUsageError() throws {
        let path = try write()
        for input in [path, path + "/cells-00000-of-00002.tfrecord"] {
            let outcome = try BuiltBinary.run(["inspect", input, "--record", "4"])
            #expect(outcome.status == 64 && outcome.stdout.isEmpty)
            #expect(outcome.stderr.contains(input == path ? "0 to 3" : "0 to 1"), "\(outcome.stderr)")
        }
        try ShardSetWriter.write([], manifest: Self.manifest, to: directory.file("none"))
        let empty = try BuiltBinary.run(["inspect", directory.file("none"), "--record", "0"])
        #expect(empty.status == 64 && empty.stderr.contains("none at all"))
    }

    // MARK: Damage

    /// A flipped bit is named with its record, and does not hide the others.
    @Test func changedRecordIsNamed() throws {
        let path = try write()
        let file = path + "/cells-00001-of-00002.tfrecord"
        var bytes = try FileSystem.read(file)
        let start = try #require(try ShardSet(path: path).location(of: 3).byteOffset)
        bytes[start + 200] ^= 4
        try AtomicFileWriter.write(bytes, to: file)
        for (input, number) in [(path, "3"), (file, "1")] {
            let outcome = try BuiltBinary.run(["inspect", input, "--record", number, "--json"])
            #expect(outcome.status == 65 && outcome.stdout.isEmpty)
            for words in [file, "byte \(start)", "record 1", "CRC-32C", "shard.crc"] {
                #expect(outcome.stderr.contains(words), "\(outcome.stderr)")
            }
        }
        #expect(try document([path, "--record", "2"])["record"]?["image_id"] == "i2")
    }

    /// Bytes that are another image than the record says are shown and told.
    @Test func imageOfAnotherDigestIsTold() throws {
        var sample = try Self.sample(0)
        sample.sha256 = String(repeating: "0", count: 64)
        try ShardSetWriter.write([sample], manifest: Self.manifest, to: directory.file("set"))
        let outcome = try BuiltBinary.run(["inspect", directory.file("set"), "--record", "0"])
        #expect(outcome.status == 65)
        #expect(outcome.stdout.contains("record 0: image i0") && outcome.stderr.contains("SHA-256"))
    }

    /// Masks of another size, or bytes that are no image, cannot be drawn; everything else can be shown.
    @Test func whatDoesNotFitIsNotDrawn() throws {
        var broken = try Self.sample(1)
        broken.encoded = Array("no image".utf8)
        broken.sha256 = SHA256Digest.hex(broken.encoded)
        let samples = [try Self.sample(0, orientation: 1, isTurned: true), broken]
        try ShardSetWriter.write(samples, manifest: Self.manifest, to: directory.file("set"))
        let out = directory.file("out.png")
        for (number, words) in [("0", "the image is 30 x 20 pixels, the labels say 20 x 30"), ("1", "image.format")] {
            let path = directory.file("set")
            #expect(try document([path, "--record", number])["record"]?["number"]?.int == Int(number))
            let outcome = try BuiltBinary.run(["inspect", path, "--record", number, "--picture", out])
            #expect(outcome.status == 65 && outcome.stderr.contains(words), "\(outcome.stderr)")
            #expect(outcome.stderr.contains("record \(number)"))
        }
        #expect(!FileSystem.exists(out))
    }

    @Test func strangersRecordsAreRefused() throws {
        let file = directory.file("other.tfrecord")
        let payloads = [Array("no example".utf8), Example(features: ["image/height": .integers([3])]).encoded()]
        try AtomicFileWriter.write(payloads.flatMap(RecordFraming.frame), to: file)
        for (number, words) in [("0", "shard.example"), ("1", "samdata reads shards that samdata wrote")] {
            let outcome = try BuiltBinary.run(["inspect", file, "--record", number])
            #expect(outcome.status == 65 && outcome.stdout.isEmpty && outcome.stderr.contains(words))
        }
        #expect(try document([file])["records"] == 2)
    }

    // MARK: The schema

    /// The committed schema speaks of exactly the keys that are written.
    @Test func jsonHasTheSchemasKeys() throws {
        let defs = try JSONDocument.read(path: Repository.root + "/schemas/inspect.schema.json")["$defs"]
        func required(_ schema: JSONValue?) -> Set<String> {
            Set(schema?["required"]?.array?.compactMap(\.string) ?? [])
        }
        func keys(_ object: JSONValue?) -> Set<String> { Set(object?.object?.map(\.name) ?? []) }
        let json = try document([write(), "--record", "0"])
        #expect(keys(json).isSuperset(of: required(defs?["shards"])))
        #expect(
            keys(json).isSubset(of: keys(defs?["shards"]?["properties"]).union(["schema_version", "command", "path"])))
        let parts = [
            (json["manifest"], defs?["manifest"]), (json["record"], defs?["shardRecord"]),
            (json["manifest"]?["source"], defs?["manifest"]?["properties"]?["source"]),
            (json["manifest"]?["classes"]?[0], defs?["manifest"]?["properties"]?["classes"]?["items"]),
            (json["manifest"]?["files"]?[0], defs?["manifest"]?["properties"]?["files"]?["items"]),
            (json["record"]?["annotations"]?[0], defs?["shardRecord"]?["properties"]?["annotations"]?["items"]),
        ]
        for (value, schema) in parts {
            #expect(!keys(value).isEmpty && keys(value) == required(schema))
            #expect(required(schema) == keys(schema?["properties"]))
        }
    }
}
