import Annotations
import Foundation
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

@Suite struct COCOReaderTests {
    static func read(_ text: String) throws -> (dataset: COCODataset, findings: [Finding]) {
        try COCOReader.read(Array(text.utf8), path: "a.json")
    }

    /// A file of one image and one category around the given annotations.
    static func file(annotations: String) -> String {
        """
        {"images": [{"id": 1, "file_name": "a.png", "width": 10, "height": 10}],
         "categories": [{"id": 1, "name": "c"}],
         "annotations": [\(annotations)]}
        """
    }

    static let common = "\"id\": 7, \"image_id\": 1, \"category_id\": 1"

    @Test func readsEveryForm() throws {
        let (dataset, findings) = try COCOReader.read(path: Repository.fixture("Annotations/every-form.json"))
        #expect(findings == [])
        let annotations = dataset.annotations
        #expect(annotations.count == 11)
        #expect(annotations[0].segmentation == .polygons([[1.5, 2, 30.25, 2, 30.25, 40, 1.5, 40.125]]))
        #expect(annotations[0].bbox == Box(x: 1.5, y: 2, width: 28.75, height: 38.125))
        #expect(annotations[0].area == 1000)
        #expect(annotations[0].crowdFlag == false)
        #expect(annotations[0].spelling.segmentation == .mixed([true, false, true, true, true, false, true, true]))
        #expect(annotations[0].spelling.bbox == .decimal)
        #expect(annotations[1].segmentation == .polygons([[0, 0, 9, 0, 9, 9, 0, 9], [20, 20, 29, 20, 29, 29]]))
        #expect(annotations[1].extra.map(\.name) == ["score", "attributes"])
        #expect(
            annotations[1].extra.map { String(decoding: $0.value, as: UTF8.self) } == ["0.50", "{\"a\": [ null ]}"])
        #expect(annotations[2].segmentation == .runs(height: 4, width: 5, counts: [6, 2, 2, 2, 8]))
        #expect(annotations[2].isCrowd)
        #expect(annotations[3].segmentation == .compressed(height: 4, width: 5, bytes: Array("622281\\\"".utf8)))
        #expect(annotations[3].isCrowd)
        #expect(annotations[4].segmentation == .polygons([]))
        #expect(annotations[4].segmentation?.isEmptyList == true)
        #expect(annotations[5].segmentation == nil)
        #expect(annotations[6].segmentation == nil)
        #expect(annotations[6].bbox == nil)
        #expect(annotations[6].area == nil)
        #expect(annotations[6].crowdFlag == nil)
        #expect(!annotations[6].isCrowd)
        #expect(annotations[7].id == 0)
        #expect(annotations[7].imageID == .integer(.max))
        #expect(annotations[8].id.int64 == 908_400_416_500)
        #expect(annotations[8].imageID == 3)
        #expect(annotations[8].imageID.description == "3.0")
        #expect(annotations[9].id == "a\u{e9}\u{1F600}")
        #expect(annotations[10].id == .number("18446744073709551615"))

        #expect(
            dataset.images.map(\.fileName) == ["a.png", "sub/b c.jpg", "val2017/000000397133.jpg", "d.png", "e.png"])
        #expect(dataset.images.map(\.isFileNameDerived) == [false, false, true, false, false])
        #expect(dataset.images[2].width == 640)
        #expect(dataset.images[1].width == nil)
        #expect(try dataset.images[2].extra["neg_category_ids"]?.parsed() == [1, 2])
        #expect(dataset.categories.map(\.name) == ["nucleus", "b", "ninety", "cell", ""])
        #expect(dataset.categories[1].extra.map(\.name) == ["frequency", "synonyms", "def", "image_count"])
        #expect(dataset.sections.map(\.name) == ["info", "licenses", "scene_annotations"])
    }

    @Test func locationsNameByteAndLine() throws {
        let path = Repository.fixture("Annotations/every-form.json")
        let (dataset, _) = try COCOReader.read(path: path)
        let bytes = try FileSystem.read(path)
        for annotation in dataset.annotations {
            let offset = try #require(annotation.location.byteOffset)
            #expect(bytes[offset] == UInt8(ascii: "{"))
            #expect(annotation.location.line == 1 + bytes[..<offset].count { $0 == 10 })
            #expect(annotation.location.path == path)
            #expect(annotation.location.annotationID == annotation.id.description)
        }
        #expect(dataset.images[0].location.line == 17)
    }

    @Test func masksOfEveryFormAgree() throws {
        let rings = Segmentation.polygons([[1, 1, 3, 1, 3, 3, 1, 3]])
        let mask = try rings.rle(height: 5, width: 6)
        let runs = Segmentation.runs(height: 5, width: 6, counts: mask.counts.map(Int.init))
        let packed = Segmentation.compressed(height: 5, width: 6, bytes: mask.compressed())
        #expect(mask.area > 0)
        #expect(try runs.rle(height: 5, width: 6) == mask)
        #expect(try packed.rle(height: 5, width: 6) == mask)
        #expect { try packed.rle(height: 6, width: 5) } throws: { ($0 as? MaskError)?.code == .size }
        #expect(try Segmentation.polygons([]).rle(height: 5, width: 6).isEmpty)
    }

    // MARK: What is wrong with elements

    struct Wrong: Sendable, CustomTestStringConvertible {
        let annotation: String
        let rule: String
        let isKept: Bool
        /// Text that the finding's location points at.
        let place: String
        var testDescription: String { annotation }
        init(_ annotation: String, _ rule: String, kept: Bool, at place: String) {
            self.annotation = annotation
            self.rule = rule
            isKept = kept
            self.place = place
        }
    }

    @Test(arguments: [
        Wrong("3", COCORule.wrongType, kept: false, at: "3]"),
        Wrong("{\"image_id\": 1, \"category_id\": 1}", COCORule.missingKey, kept: false, at: "{\"image_id"),
        Wrong("{\"id\": 7, \"category_id\": 1}", COCORule.missingKey, kept: false, at: "{\"id\": 7"),
        Wrong("{\"id\": 7, \"image_id\": 1}", COCORule.missingKey, kept: false, at: "{\"id\": 7"),
        Wrong("{\(common), \"area\": \"12\"}", COCORule.wrongType, kept: true, at: "\"12\""),
        Wrong("{\(common), \"area\": 1e999}", COCORule.nonFiniteNumber, kept: true, at: "1e999"),
        Wrong("{\(common), \"bbox\": [1, 2, 3]}", COCORule.badValue, kept: true, at: "[1, 2, 3]"),
        Wrong("{\(common), \"bbox\": [1, 2, 3, null]}", COCORule.wrongType, kept: true, at: "[1, 2, 3, null]"),
        Wrong("{\(common), \"bbox\": {\"x\": 1}}", COCORule.wrongType, kept: true, at: "{\"x\""),
        Wrong("{\(common), \"iscrowd\": 2}", COCORule.badValue, kept: true, at: "2}"),
        Wrong("{\(common), \"iscrowd\": \"0\"}", COCORule.wrongType, kept: true, at: "\"0\""),
        Wrong("{\(common), \"id\": 8}", COCORule.duplicateKey, kept: true, at: "id\": 8"),
        Wrong("{\(common), \"x\": 1, \"x\": 2}", COCORule.duplicateKey, kept: true, at: "x\": 2"),
        Wrong("{\(common), \"segmentation\": [1, 1, 3, 1, 3, 3]}", COCORule.flatPolygon, kept: true, at: "[1, 1"),
        Wrong("{\(common), \"segmentation\": \"abc\"}", COCORule.wrongType, kept: true, at: "\"abc\""),
        Wrong(
            "{\(common), \"segmentation\": [[1, 1, 3, \"x\"]]}", COCORule.wrongType, kept: true, at: "[1, 1, 3, \"x\""),
        Wrong("{\(common), \"segmentation\": [[[1, 1], [3, 3]]]}", COCORule.wrongType, kept: true, at: "[[1, 1]"),
        Wrong(
            "{\(common), \"segmentation\": [[1, 1, 1e999, 1]]}", COCORule.nonFiniteNumber, kept: true, at: "[1, 1, 1e"),
        Wrong("{\(common), \"segmentation\": {\"size\": [1, 1]}}", COCORule.missingKey, kept: true, at: "{\"size"),
        Wrong("{\(common), \"segmentation\": {\"counts\": [1]}}", COCORule.missingKey, kept: true, at: "{\"counts"),
        Wrong(
            "{\(common), \"segmentation\": {\"size\": [1, 1.5], \"counts\": [1]}}", COCORule.badValue, kept: true,
            at: "[1, 1.5]"),
        Wrong(
            "{\(common), \"segmentation\": {\"size\": [1, -1], \"counts\": [1]}}", COCORule.badValue, kept: true,
            at: "[1, -1]"),
        Wrong(
            "{\(common), \"segmentation\": {\"size\": [1, 1], \"counts\": [1e300]}}", COCORule.badValue, kept: true,
            at: "[1e300]"),
        Wrong(
            "{\(common), \"segmentation\": {\"size\": [1, 1], \"counts\": null}}", COCORule.wrongType, kept: true,
            at: "null"),
        Wrong(
            "{\(common), \"segmentation\": {\"size\": [1, 1], \"counts\": [1], \"z\": 0}}", COCORule.unknownMaskKey,
            kept: true, at: "z\": 0"),
        Wrong("{\(common), \"bbox\": [Infinity, 1, -Infinity, 2]}", COCORule.nonFiniteNumber, kept: true, at: "[Inf"),
        Wrong("{\(common), \"segmentation\": [[1, 1, NaN, 1]]}", COCORule.nonFiniteNumber, kept: true, at: "[1, 1, N"),
        Wrong("{\(common), \"area\": NaN}", COCORule.nonFiniteNumber, kept: true, at: "NaN"),
        Wrong("{\(common), \"x\": [\"NaN\", \"\\\"\", -Infinity]}", COCORule.nonFiniteNumber, kept: true, at: "-Inf"),
        Wrong("{\(common), \"note\": \"\", \"file\": \"\\ud800\"}", "", kept: true, at: ""),
    ])
    func wrongElementsBecomeFindings(wrong: Wrong) throws {
        let text = Self.file(annotations: wrong.annotation)
        let (dataset, findings) = try Self.read(text)
        #expect(dataset.annotations.count == (wrong.isKept ? 1 : 0))
        #expect(findings.map(\.rule) == (wrong.rule.isEmpty ? [] : [wrong.rule]))
        if let finding = findings.first {
            let offset = try #require(finding.location.byteOffset)
            #expect(text.utf8.dropFirst(offset).starts(with: wrong.place.utf8), "\(finding)")
            #expect(finding.location.line == 3)
            #expect(finding.location.keyPath?.hasPrefix("annotations[0]") == true)
        }
        // What could not be understood is still written as it was.
        let directory = try TemporaryDirectory()
        try COCOWriter.write(dataset, to: directory.file("b.json"))
        let written = try String(contentsOfFile: directory.file("b.json"), encoding: .utf8)
        let keeping = [COCORule.wrongType, COCORule.badValue, COCORule.missingKey, COCORule.nonFiniteNumber]
        if wrong.isKept && keeping.contains(wrong.rule) {
            let key = try #require(findings[0].location.keyPath?.split(separator: ".").last)
            let raw = try #require(dataset.annotations[0].extra[String(key)])
            #expect(written.contains("\"\(key)\":\(String(decoding: raw.value, as: UTF8.self))"))
        }
        let again = try COCOReader.read(path: directory.file("b.json"))
        #expect(again.dataset == dataset)
    }

    @Test(arguments: [("{\"id\": true", "id"), ("{\"id\": 1, \"image_id\": [1]", "image_id"), ("{\"id\": null", "id")])
    func idsOfOtherTypesDropTheElement(start: String, key: String) throws {
        let (dataset, findings) = try Self.read(Self.file(annotations: start + ", \"category_id\": 1}"))
        #expect(dataset.annotations.isEmpty)
        #expect(findings.map(\.rule) == [COCORule.wrongType])
        #expect(findings[0].location.keyPath == "annotations[0].\(key)")
        #expect(findings[0].message.hasSuffix("an id is a number or a text; the annotation is dropped"))
    }

    @Test func imagesAndCategoriesHaveFindingsToo() throws {
        let (dataset, findings) = try Self.read(
            """
            \u{FEFF}{"images": [{"id": 1}, {"id": 2, "file_name": 3}, {"id": 3, "file_name": "\\ud800.png", "width": -1,
            "height": 2.5}, {"file_name": "x"}, null], "categories": [{"id": 1}, {"id": 2, "name": null}, {"name": "x"}]}
            """)
        #expect(
            findings.map(\.rule) == [
                COCORule.byteOrderMark, COCORule.missingKey, COCORule.wrongType, COCORule.badValue, COCORule.badValue,
                COCORule.loneSurrogate, COCORule.missingKey, COCORule.wrongType, COCORule.missingKey,
                COCORule.wrongType, COCORule.missingKey, COCORule.missingSection,
            ])
        #expect(dataset.images.map(\.id) == [1, 2, 3])
        #expect(dataset.images.map(\.fileName) == ["", "", "\u{FFFD}.png"])
        #expect(dataset.categories.map(\.id) == [1, 2])
        #expect(findings[1].location.imageID == "1")
        #expect(findings[1].location.keyPath == "images[0].file_name")
    }

    @Test func droppedElementsAreNamedToTheVisitor() throws {
        struct Dropped: COCOVisitor {
            var sections: [COCOSection?] = []
            mutating func report(_ finding: Finding, dropped: COCOSection?) { sections.append(dropped) }
        }
        var visitor = Dropped()
        let text = Self.file(annotations: "{\(Self.common), \"area\": null}, {}, {\(Self.common)}")
        try Array(text.utf8).withUnsafeBytes { try COCOReader.scan($0, &visitor) }
        #expect(visitor.sections == [nil, .annotations])
    }

    /// JSON has no such numbers: what is written again has null in their place.
    @Test func nonFiniteNumbersBecomeNull() throws {
        let (dataset, _) = try Self.read(
            Self.file(
                annotations:
                    "{\(Self.common), \"bbox\": [Infinity, 1, -Infinity, NaN], \"x\": {\"a\": \"NaN\", \"b\": NaN}}"))
        #expect(
            dataset.annotations[0].extra["bbox"].map { String(decoding: $0.value, as: UTF8.self) }
                == "[null, 1, null, null]")
        #expect(try dataset.annotations[0].extra["x"]?.parsed() == ["a": "NaN", "b": nil])
    }

    @Test func theLastUsableValueOfAKeyCounts() throws {
        for (values, area) in [
            ("\"area\": 1, \"area\": 2", 2.0), ("\"area\": \"x\", \"area\": 2", 2), ("\"area\": 2, \"area\": \"x\"", 2),
        ] {
            let (dataset, findings) = try Self.read(Self.file(annotations: "{\(Self.common), \(values)}"))
            #expect(dataset.annotations[0].area == area)
            #expect(dataset.annotations[0].extra == [])
            #expect(findings.filter { $0.rule == COCORule.duplicateKey }.count == 1)
        }
    }

    // MARK: What is wrong with files

    @Test(arguments: [
        ("", AnnotationError.Code.truncated, "the text is empty"), ("[]", .structure, "a list alone is a results file"),
        ("3", .structure, "the file is a number"), ("{\"images\": {}}", .structure, "\"images\" is an object"),
        ("{\"images\": [], \"images\": []}", .structure, "stands twice at the top level, first at byte 1"),
        ("{\"images\": [{\"id\": nan}]}", .syntax, "found 'nan'"), ("{\"images\": [],}", .syntax, "found '}'"),
        ("{\"images\": [{\"id\": 1},]}", .syntax, "found ']'"), ("{} {}", .syntax, "nothing after the document's end"),
        ("PK\u{3}\u{4}", .syntax, "a zip archive"),
    ])
    func filesThatAreNoDataSetThrow(text: String, code: AnnotationError.Code, message: String) {
        #expect { try Self.read(text) } throws: { error in
            let error = error as? AnnotationError
            return error?.code == code && error?.message.contains(message) == true
                && error?.location?.path == "a.json" && error?.location?.byteOffset != nil
        }
    }

    /// Wherever a file is cut, the error says so and names the last byte.
    @Test func everyCutIsNoticed() throws {
        let bytes = try FileSystem.read(Repository.fixture("Annotations/every-form.json"))
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for count in 1...end {
            #expect("cut after \(count)") {
                try COCOReader.read(Array(bytes[..<count]))
            } throws: { error in
                let error = error as? AnnotationError
                return error?.code == .truncated && error?.location?.byteOffset == count
                    && error?.message.contains("cut off") == true
            }
        }
    }

    @Test func errorsNameTheElement() {
        #expect { try Self.read("{\"annotations\": [{}, {\"id\": 1, \"segmentation\": [[1, 2,]]}]}") } throws: {
            ($0 as? AnnotationError)?.location
                == DataLocation(path: "a.json", byteOffset: 54, line: 1, keyPath: "annotations[1]")
        }
    }

    @Test func wrongPathsThrow() throws {
        let directory = try TemporaryDirectory()
        #expect { try COCOReader.read(path: directory.file("none")) } throws: { ($0 as? FileError)?.code == .missing }
        #expect { try COCOReader.read(path: directory.path) } throws: { ($0 as? FileError)?.code == .wrongType }
    }

    @Test func manyKeysAreNoTrap() throws {
        let keys = (0..<20_000).map { "\"k\($0 % 15_000)\": \($0)" }.joined(separator: ", ")
        let (dataset, findings) = try Self.read(Self.file(annotations: "{\(Self.common), \(keys)}"))
        #expect(findings.count == 5000)
        #expect(dataset.annotations[0].extra.count == 15_000)
        #expect(dataset.annotations[0].extra["k0"]?.text == "15000")
    }
}
