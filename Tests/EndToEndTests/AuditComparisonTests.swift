import Foundation
import Images
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata audit --against` and `--model` where they fail, and where files are that labels name.
@Suite struct AuditComparisonTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        let image = RGBImage(height: 20, width: 30, pixels: [UInt8](repeating: 90, count: 1800))
        for name in ["images/a.png", "outside.png"] { try directory.write(ImageCodec.encodePNG(image), name) }
    }

    private func labels(_ names: [String], _ file: String = "labels.json", firstID: Int = 1) throws -> String {
        let images = names.enumerated().map {
            #"{"id":\#($0.offset + firstID),"file_name":"\#($0.element)","width":30,"height":20}"#
        }
        let objects = names.indices.map {
            #"{"id":\#($0 + 1),"image_id":\#($0 + firstID),"category_id":1,"iscrowd":0,"area":50,"bbox":[2,3,10,5],"segmentation":[[2,3,12,3,12,8,2,8]]}"#
        }
        try directory.write(
            #"{"images":[\#(images.joined(separator: ","))],"annotations":[\#(objects.joined(separator: ","))],"categories":[{"id":1,"name":"cell"}]}"#,
            file)
        return directory.file(file)
    }

    private func audit(_ arguments: [String]) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["audit"] + arguments, in: directory.path)
    }

    /// A comparison that fails leaves a document that is whole, and says that it is not complete.
    @Test(arguments: ["json", "sarif"])
    func documentsAreWhole(format: String) throws {
        let first = try labels(["a.png"])
        let stranger = try labels(["z.png"], "stranger.json", firstID: 5)
        let model = Repository.root + "/samples/nuclei/nano.safetensors"
        for (comparison, status) in [
            (["--against", stranger], 65), (["--model", model, "--images", directory.path], 66),
        ] as [([String], Int32)] {
            let outcome = try audit([first, "--format", format] + comparison)
            #expect(outcome.status == status && outcome.stderr.contains("none of the"), "\(outcome.stderr)")
            let document = try JSONDocument.parse(outcome.stdout)
            if format == "json" {
                #expect(try JSONSchemaCheck("audit").violations(of: document) == [])
                #expect(document["complete"]?.bool == false && document["images"]?.int == 1)
            } else {
                #expect(document["runs"]?[0]?["invocations"]?[0]?["executionSuccessful"]?.bool == false)
            }
        }
        let page = try audit([first, "--format", "html", "--against", stranger])
        #expect(page.status == 65 && page.stdout.isEmpty)
    }

    /// Names and ids that say different things are told of.
    @Test func contradictionsAreTold() throws {
        let first = try labels(["a.png", "b.png"])
        let second = try labels(["b.png", "a.png"], "second.json")
        let outcome = try audit([first, "--against", second, "--json"])
        let document = try JSONDocument.parse(outcome.stdout)
        let rules = document["findings"]?.array?.compactMap { $0["rule"]?.string }
        #expect(rules == ["agreement.names", "agreement.names"])
    }

    /// An image inside a shard that cannot be decoded is named by its record.
    @Test func imagesOfShardsAreNamedByTheirRecords() throws {
        var png = try FileSystem.read(directory.file("images/a.png"))
        // The pixels' checksum, which only decoding looks at.
        png[png.count - 14] ^= 0xFF
        try directory.write(png, "images/a.png")
        let path = try labels(["a.png"])
        let converted = try BuiltBinary.run(
            ["convert", "coco", path, "--images", "images", "-o", "shards"], in: directory.path)
        try #require(converted.status == 0, "\(converted.stderr)")
        let model = Repository.root + "/samples/nuclei/nano.safetensors"
        let outcome = try audit(["shards", "--model", model])
        #expect(outcome.status == 66, "\(outcome.stderr)")
        let line = try #require(outcome.stderr.split(separator: "\n").first)
        #expect(line.contains(".tfrecord (record 0, image 1)") && !line.contains("a.png"), "\(line)")
    }

    /// One rule for audit and convert: what leads out is not opened, and what only seems to is plain.
    @Test func namesThatLeadOut() throws {
        let path = try labels(["./sub/../a.png", "../outside.png", directory.file("outside.png")])
        let refused = try audit([path, "--images", "images", "--json"])
        func findings(_ outcome: BuiltBinary.Outcome) throws -> [String] {
            let document = try JSONDocument.parse(outcome.stdout)
            #expect(try JSONSchemaCheck("audit").violations(of: document) == [])
            return (document["findings"]?.array ?? []).map {
                "\($0["rule"]?.string ?? "") \($0["severity"]?.string ?? "") \($0["image_id"]?.string ?? "")"
            }
        }
        #expect(try findings(refused) == ["image.outside error 2", "image.outside error 3"])
        #expect(refused.status == 1)
        let taken = try audit([path, "--images", "images", "--outside-images", "--json"])
        #expect(
            try findings(taken) == ["image.path warning 2", "image.duplicate-file warning 3", "image.path warning 3"])
        #expect(taken.status == 0)
        for (option, images) in [([], 1), (["--outside-images"], 3)] {
            let converted = try BuiltBinary.run(
                ["convert", "coco", path, "--images", "images", "-o", "shards\(images)", "--json"] + option,
                in: directory.path)
            let document = try JSONDocument.parse(converted.stdout)
            let rules = (document["findings"]?.array ?? []).map { $0["rule"]?.string }
            #expect(converted.status == 0 && rules == [images == 1 ? "image.outside" : "image.path"], "\(rules)")
        }
        #expect(try audit([path, "--outside-images"]).status == 64)
    }

    /// Two names of one file are told however they are spelled, where it is known to be one.
    @Test func spellingsOfOneFile() throws {
        let path = try labels(["a.png", "./a.png", "x/../a.png", "A.PNG", "b.png"])
        func duplicates(_ arguments: [String]) throws -> [String] {
            let outcome = try audit([path, "--json", "--select", "image.duplicate-file"] + arguments)
            return try JSONDocument.parse(outcome.stdout)["findings"]?.array?.compactMap { $0["image_id"]?.string }
                ?? []
        }
        // Without the images, names in upper and lower case may well be two files.
        #expect(try duplicates([]) == ["2", "3"])
        #expect(try duplicates(["--images", "images"]) == ["2", "3", "4"])
    }

    /// What goes with an object that is taken out is not left; the exit code is that of the fixed file.
    @Test func whatIsLeftDecides() throws {
        let path = try labels(["a.png"])
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let object = try #require(text.firstMatch(of: /\{"id":1,"image_id".*?\]\]\}/))
        try directory.write(text.replacing(object.0, with: object.0 + "," + object.0), "twice.json")
        let outcome = try audit(["twice.json", "--fix", "-o", "fixed.json", "--json"])
        #expect(outcome.status == 0, "\(outcome.stdout)")
        let document = try JSONDocument.parse(outcome.stdout)
        #expect(document["errors"]?.int == 2)
        #expect(
            document["fixed"]?.array?.map { $0["rule"]?.string } == [
                "object.duplicate", "schema.duplicate-annotation-id",
            ])
        #expect(String(decoding: try FileSystem.read(directory.file("fixed.json")), as: UTF8.self) == text)
    }
}
