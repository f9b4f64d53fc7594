import Foundation
import Images
import JSONText
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
        ["labels.json", "--format", "sarif"], ["labels.json", "--list-rules"], [], ["labels.json", "--fix"],
    ])
    func wrongUsageIsRefused(arguments: [String]) throws {
        let path = try labels([Self.good])
        let outcome = try audit(arguments.map { $0 == "labels.json" ? path : $0 })
        #expect(outcome.status == 64)
        #expect(outcome.stdout.isEmpty && !outcome.stderr.isEmpty)
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
