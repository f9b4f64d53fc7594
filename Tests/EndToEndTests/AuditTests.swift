import Foundation
import Images
import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct AuditTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("images"), withIntermediateDirectories: true)
        let image = RGBImage(height: 20, width: 30, pixels: [UInt8](repeating: 90, count: 1800))
        try Data(ImageCodec.encodePNG(image)).write(to: URL(fileURLWithPath: directory.file("images/a.png")))
    }

    static let good = "[[2, 3, 12, 3, 12, 8, 2, 8]]"
    static let bowTie = "[[2, 3, 12, 9, 12, 3, 2, 9]]"
    static let degenerate = "[[2, 3, 12, 9, 2, 3]]"

    /// Writes a COCO file of one image and one object per segmentation, each with the box and area of ``good``.
    func labels(_ segmentations: [String], name: String = "labels.json", cut: Int = 0) throws -> String {
        let annotations = segmentations.enumerated().map { index, segmentation in
            let (area, box) = segmentation == Self.good ? (50, "[2, 3, 10, 5]") : (30, "[2, 3, 10, 6]")
            return """
                {"id": \(index + 1), "image_id": 7, "category_id": 3, "iscrowd": 0, "area": \(area), "bbox": \(box),
                 "segmentation": \(segmentation)}
                """
        }
        let text = """
            {"images": [{"id": 7, "file_name": "a.png", "width": 30, "height": 20}],
             "annotations": [\(annotations.joined(separator: ",\n"))],
             "categories": [{"id": 3, "name": "cell"}]}
            """
        let path = directory.file(name)
        try Data(text.utf8.dropLast(cut)).write(to: URL(fileURLWithPath: path))
        return path
    }

    func audit(_ arguments: [String]) throws -> BuiltBinary.Outcome { try BuiltBinary.run(["audit"] + arguments) }

    @Test func cleanFileEndsWithZero() throws {
        let outcome = try audit([labels([Self.good]), "--images", directory.file("images")])
        #expect(outcome.status == 0)
        #expect(outcome.stdout == "No findings in 1 image, 1 annotation, 1 category, 1 image file read.\n")
        #expect(outcome.stderr.isEmpty)
    }

    @Test func findingsNamePlaceAndRule() throws {
        let path = try labels([Self.good, Self.degenerate])
        let outcome = try audit([path])
        #expect(outcome.status == 1)
        let line = try #require(outcome.stdout.split(separator: "\n").first)
        #expect(line.hasPrefix("\(path):4 (byte "))
        #expect(line.contains("image 7, annotation 2, segmentation): error: "))
        #expect(line.hasSuffix("[polygon.degenerate]"))
        #expect(outcome.stdout.contains("A polygon has fewer than three different points."))
        #expect(outcome.stdout.hasSuffix("1 error, 0 warnings, 0 notes in 1 image, 2 annotations, 1 category.\n"))
        #expect(outcome.stderr.contains("--images"))
    }

    @Test(
        arguments: [
            (["--fail-on", "warning"], 1), (["--fail-on", "error"], 0), (["--fail-on", "never"], 0), ([], 0),
            (["--fail-on", "warning", "--ignore", "polygon"], 0),
            (["--fail-on", "warning", "--ignore", "polygon.self-intersection"], 0),
            (["--fail-on", "warning", "--select", "rle,polygon.self-intersection"], 1),
            (["--fail-on", "warning", "--select", "rle"], 0),
        ] as [([String], Int32)])
    func exitCodeFollowsTheOptions(options: [String], status: Int32) throws {
        let outcome = try audit([labels([Self.bowTie])] + options)
        #expect(outcome.status == status, "\(outcome.stdout)")
    }

    @Test func longListsAreShortened() throws {
        let rings = (0..<25).map { "[[\($0), 3, 12, 9, \($0), 3]]" }
        let outcome = try audit([labels(rings)])
        #expect(outcome.stdout.components(separatedBy: "[polygon.degenerate]").count - 1 == 10)
        #expect(outcome.stdout.contains("polygon.degenerate  error        25"))
        #expect(outcome.stdout.contains("--json lists all"))
        let all = try JSONDocument.parse(audit([labels(rings), "--json"]).stdout)
        #expect(all["findings"]?.array?.count == 25)
    }

    @Test(arguments: [["--json"], ["--format", "json"]])
    func jsonIsOneDocument(options: [String]) throws {
        let path = try labels([Self.good, Self.bowTie])
        let outcome = try audit([path, "--images", directory.file("images")] + options)
        #expect(outcome.status == 0)
        let json = try JSONDocument.parse(outcome.stdout)
        #expect(
            json["schema_version"]?.int == 1 && json["command"]?.string == "audit" && json["kind"]?.string == "coco")
        #expect(json["input"]?.string == path && json["complete"]?.bool == true)
        #expect(json["errors"]?.int == 0 && json["warnings"]?.int == 1 && json["probed_images"]?.int == 1)
        let finding = json["findings"]?[0]
        #expect(finding?["rule"]?.string == "polygon.self-intersection")
        #expect(finding?["severity"]?.string == "warning" && finding?["line"]?.int == 4)
        #expect(finding?["image_id"]?.string == "7" && finding?["annotation_id"]?.string == "2")
        #expect(json["rules"]?[0]?["count"]?.int == 1)
    }

    /// The committed schema speaks of exactly the keys that are written.
    @Test func jsonHasTheSchemasKeys() throws {
        let schema = try JSONDocument.read(path: Repository.root + "/schemas/audit.schema.json")
        let defs = schema["$defs"]
        func required(_ name: String) -> Set<String> {
            Set(defs?[name]?["required"]?.array?.compactMap(\.string) ?? [])
        }
        func known(_ name: String) -> Set<String> {
            Set(defs?[name]?["properties"]?.object?.map(\.name) ?? [])
        }
        let json = try JSONDocument.parse(audit([labels([Self.bowTie]), "--json"]).stdout)
        #expect(Set(json.object?.map(\.name) ?? []) == required("report"))
        #expect(required("report") == known("report"))
        let finding = Set(json["findings"]?[0]?.object?.map(\.name) ?? [])
        #expect(required("finding").isSubset(of: finding) && finding.isSubset(of: known("finding")))
        let rules = try JSONDocument.parse(audit(["--list-rules", "--json"]).stdout)
        #expect(Set(rules.object?.map(\.name) ?? []) == required("ruleListing"))
    }

    @Test func rulesAreListed() throws {
        let outcome = try audit(["--list-rules"])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.hasPrefix("# Rules of samdata audit\n\n## json\n"))
        #expect(outcome.stdout.contains("- `polygon.self-intersection` (warning): A polygon's outline crosses itself"))
        #expect(outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("- `") }.count > 50)
    }

    @Test(arguments: [
        ["labels.json", "--select", "polygn"], ["labels.json", "--ignore", "rle,"],
        ["labels.json", "--fail-on", "note"],
        ["labels.json", "--format", "xml"], ["labels.json", "--list-rules"], [], ["labels.json", "--fix"],
        ["labels.json", "-o", "fixed.json"], ["labels.json", "--fix", "-o", "labels.json"],
        ["labels.json", "--min-iou", "0.5"], ["labels.json", "--against", "labels.json", "--min-iou", "2"],
        ["labels.json", "--json", "--format", "sarif"],
    ])
    func wrongUsageIsRefused(arguments: [String]) throws {
        let path = try labels([Self.good])
        let outcome = try audit(arguments.map { $0 == "labels.json" ? path : $0 })
        #expect(outcome.status == 64)
        #expect(outcome.stdout.isEmpty && !outcome.stderr.isEmpty)
    }

    @Test func sarifIsOneDocument() throws {
        let path = try labels([Self.good, Self.bowTie, Self.degenerate])
        let outcome = try audit([path, "--format", "sarif"])
        #expect(outcome.status == 1)
        let json = try JSONDocument.parse(outcome.stdout)
        #expect(json["version"]?.string == "2.1.0" && json["$schema"]?.string?.contains("sarif-2.1.0") == true)
        let run = try #require(json["runs"]?[0])
        let rules = Set(run["tool"]?["driver"]?["rules"]?.array?.compactMap { $0["id"]?.string } ?? [])
        let results = try #require(run["results"]?.array)
        #expect(results.compactMap { $0["ruleId"]?.string } == ["polygon.self-intersection", "polygon.degenerate"])
        for result in results {
            #expect(
                rules.contains(result["ruleId"]?.string ?? "") && result["message"]?["text"]?.string?.isEmpty == false)
            #expect(["error", "warning", "note"].contains(result["level"]?.string ?? ""))
            let place = result["locations"]?[0]?["physicalLocation"]
            #expect(place?["artifactLocation"]?["uri"]?.string == "file://" + path)
            #expect(place?["region"]?["startLine"]?.int ?? 0 >= 4)
        }
        #expect(run["invocations"]?[0]?["executionSuccessful"]?.bool == true)
        let none = try JSONDocument.parse(audit([labels([Self.good]), "--format", "sarif"]).stdout)
        #expect(none["runs"]?[0]?["results"]?.array?.isEmpty == true)
    }

    @Test func htmlIsAPage() throws {
        let path = try labels(Array(repeating: Self.degenerate, count: 60) + [Self.bowTie])
        let page = try audit([path, "--format", "html"])
        #expect(page.status == 1 && page.stdout.hasPrefix("<!DOCTYPE html>") && page.stdout.contains("</html>"))
        #expect(page.stdout.contains("polygon.self-intersection") && page.stdout.contains("… and 10 more"))
        #expect(!page.stdout.contains("<script"))
    }

    @Test func aSecondAnnotatorIsHeldAgainstTheFirst() throws {
        let first = try labels([Self.good])
        let second = try labels(["[[2, 3, 12, 3, 12, 6, 2, 6]]"], name: "second.json")
        let outcome = try audit([first, "--against", second, "--fail-on", "warning"])
        #expect(outcome.status == 1 && outcome.stdout.contains("[agreement.overlap]"), "\(outcome.stderr)")
        #expect(outcome.stdout.contains("[agreement.unmatched]") && outcome.stdout.contains("is 0.6, below 0.85"))
        let lenient = try audit([first, "--against", second, "--min-iou", "0.6", "--fail-on", "warning"])
        #expect(lenient.status == 0, "\(lenient.stdout)")
        let gone = try audit([first, "--against", directory.file("none.json")])
        #expect(gone.status == 66 && gone.stdout.isEmpty)
        try Data("[]".utf8).write(to: URL(fileURLWithPath: directory.file("results.json")))
        let results = try audit([first, "--against", directory.file("results.json")])
        #expect(results.status != 0 && results.stderr.contains("--against"))
        let other = try audit([first, "--against", second, "--min-score", "0.6"])
        #expect(other.status != 0 && other.stderr.contains("--min-score is for a list of results"))
    }

    /// Results of a model: those that are sure enough are held against the labels, by ids.
    @Test func aModelIsHeldAgainstTheLabels() throws {
        let first = try labels([Self.good])
        func results(_ text: String) throws -> String {
            let path = directory.file("results.json")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        let dataset = try JSONDocument.parse(String(decoding: FileSystem.read(first), as: UTF8.self))
        let object = try #require(dataset["annotations"]?[0])
        let image = try #require(object["image_id"]?.int)
        let category = try #require(object["category_id"]?.int)
        let head = "{\"image_id\":\(image),\"category_id\":\(category),\"score\":"
        let sure = head + "0.9,\"segmentation\":" + Self.good + "}"
        let unsure = head + "0.3,\"bbox\":[0,0,1,1]}"
        let path = try results("[\(sure),\(unsure)]")
        let agreed = try audit([first, "--against", path, "--fail-on", "warning"])
        #expect(agreed.status == 0, "\(agreed.stdout) \(agreed.stderr)")
        let all = try audit([first, "--against", path, "--min-score", "0.2", "--fail-on", "warning"])
        #expect(all.status == 1 && all.stdout.contains("annotation 2") && all.stdout.contains("[agreement.unmatched]"))
        let strange = sure.replacing("\"image_id\":\(image)", with: "\"image_id\":4711")
        let mixed = try audit([first, "--against", results("[\(sure),\(strange)]"), "--fail-on", "warning"])
        #expect(mixed.status == 0 && mixed.stdout.contains("image 4711 is not among those that are audited"))
        let none = try audit([first, "--against", results("[\(strange)]")])
        #expect(none.status == 65 && none.stderr.contains("none of the 1 images"), "\(none.stderr)")
        let broken = try audit([
            first, "--against", results("[\(sure),{\"image_id\":\(image)}]"), "--fail-on", "warning",
        ])
        #expect(broken.status == 1 && broken.stdout.contains("[results.score]"), "\(broken.stdout)")
    }

    /// The samples' model against the samples' labels, of which one is another object's outline.
    @Test func aModelDrawsInTheBoxes() throws {
        let samples = Repository.root + "/samples/nuclei"
        let arguments = [
            "--images", samples + "/images", "--model", samples + "/nano.safetensors", "--select", "agreement.model",
            "--json",
        ]
        func found(_ path: String, _ minimum: String) throws -> [String] {
            let outcome = try audit([path] + arguments + ["--min-iou", minimum])
            #expect(outcome.status == 0, "\(outcome.stderr)")
            return try JSONDocument.parse(outcome.stdout)["findings"]?.array?.compactMap { $0["annotation_id"]?.string }
                ?? []
        }
        let labels = samples + "/annotations.json"
        let all = try found(labels, "1")
        let few = try found(labels, "0.3")
        #expect(all.count > 300 && few.count < all.count / 4, "\(all.count) and \(few.count)")
        // Shards say the same of the same objects.
        let shards = directory.file("shards")
        let converted = try BuiltBinary.run(["convert", "coco", labels, "--images", samples + "/images", "-o", shards])
        #expect(converted.status == 0)
        let outcome = try audit([shards] + arguments.dropFirst(2) + ["--min-iou", "0.3"])
        let ofShards = try JSONDocument.parse(outcome.stdout)["findings"]?.array ?? []
        #expect(ofShards.count == few.count)
        let gone = try audit([labels, "--images", directory.path, "--model", samples + "/nano.safetensors"])
        #expect(gone.status == 66 && gone.stderr.contains("none of the"), "\(gone.stderr)")
        #expect(try audit([labels, "--lora", "x.safetensors"]).status == 64)
    }

    /// A crowd that covers just what an object does is not the object a second time.
    @Test func aCrowdIsNoDuplicate() throws {
        let path = try labels([Self.good, Self.good])
        #expect(try audit([path]).stdout.contains("[object.duplicate]"))
        let text = try String(decoding: FileSystem.read(path), as: UTF8.self)
        let first = try #require(text.firstRange(of: "\"iscrowd\": 0"))
        try AtomicFileWriter.write(text.replacingCharacters(in: first, with: "\"iscrowd\": 1"), to: path)
        #expect(try !audit([path]).stdout.contains("[object.duplicate]"))
    }

    @Test func whatCanBeFixedIsFixed() throws {
        let path = try labels([Self.good, Self.good])
        let fixed = directory.file("fixed.json")
        let outcome = try audit([path, "--fix", "-o", fixed])
        #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
        #expect(
            outcome.stdout.contains("[object.duplicate]") && outcome.stdout.contains("fixed.json has 1 finding fewer"))
        #expect(try audit([fixed]).stdout.hasPrefix("No findings in 1 image, 1 annotation"))
        #expect(try audit([path, "--fix", "-o", fixed]).status == 64)
        let json = try JSONDocument.parse(audit([path, "--fix", "-o", directory.file("b.json"), "--json"]).stdout)
        #expect(json["fixed"]?[0]?["rule"]?.string == "object.duplicate" && json["fixed"]?[0]?["count"]?.int == 1)
        let left = try audit([
            labels([Self.good, Self.good, Self.degenerate]), "--fix", "-o", directory.file("c.json"),
        ])
        #expect(left.status == 1)
        let cut = try audit([labels([Self.good], cut: 9), "--fix", "-o", directory.file("d.json")])
        #expect(cut.status == 65 && !FileManager.default.fileExists(atPath: directory.file("d.json")))
    }

    /// The help of an option says once what happens without it.
    @Test func helpHasOneDefault() throws {
        let help = try audit(["--help"]).stdout
        #expect(!help.contains("(default: none)") && help.contains("--select"))
    }

    @Test func missingInputsAreNamed() throws {
        let path = try labels([Self.good])
        for arguments in [
            [directory.file("none.json")], [path, "--images", directory.file("none")], [path, "--images", path],
            [directory.file("images")],
        ] {
            for json in [[], ["--json"]] {
                let outcome = try audit(arguments + json)
                #expect(outcome.status == 66, "\(arguments): \(outcome.stderr)")
                #expect(outcome.stdout.isEmpty && outcome.stderr.hasPrefix("error: "))
            }
        }
    }

    /// What cannot be read to its end exits with 65, whatever --fail-on says, and the report is whole.
    @Test func brokenInputIsReported() throws {
        let cut = try labels([Self.good], name: "cut.json", cut: 20)
        let empty = directory.file("empty.json")
        try Data().write(to: URL(fileURLWithPath: empty))
        let image = directory.file("images/a.png")
        for (path, rule) in [(cut, "json.truncated"), (empty, "json.truncated"), (image, "json.syntax")] {
            let outcome = try audit([path, "--fail-on", "never", "--json"])
            #expect(outcome.status == 65, "\(path): \(outcome.stderr)")
            let json = try JSONDocument.parse(outcome.stdout)
            #expect(json["complete"]?.bool == false)
            #expect(json["findings"]?.array?.compactMap { $0["rule"]?.string } == [rule])
        }
    }

    @Test func wrongImagesFolderIsNoticed() throws {
        let outcome = try audit([labels([Self.good]), "--images", directory.path])
        #expect(outcome.status == 1)
        #expect(outcome.stdout.contains("[image.missing]"))
    }

    @Test func shardsAreAudited() throws {
        let path = try labels([Self.good])
        let shards = directory.file("shards")
        let converted = try BuiltBinary.run([
            "convert", "coco", path, "--images", directory.file("images"), "-o", shards,
        ])
        #expect(converted.status == 0, "\(converted.stderr)")
        let clean = try audit([shards])
        #expect(clean.status == 0)
        #expect(clean.stdout == "No findings in 1 record, 1 annotation, 1 category.\n")
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: shards).first { $0.hasSuffix(".tfrecord") })
        let file = shards + "/" + name
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: file)))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let damaged = try audit([shards + "/manifest.json"])
        #expect(damaged.status == 1)
        #expect(damaged.stdout.contains("[shard.crc]"))
        #expect(try audit([shards, "--images", shards]).status == 64)
    }
}
