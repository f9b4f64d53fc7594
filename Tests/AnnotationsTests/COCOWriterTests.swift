import Annotations
import Foundation
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

@Suite struct COCOWriterTests {
    /// A document with the members of each object in one order and numbers told apart by spelling: `12` is not `12.0`.
    static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(canonical))
        case .object(let members):
            .object(members.map { JSONMember($0.name, canonical($0.value)) }.sorted { $0.name < $1.name })
        default: value
        }
    }

    /// Reads, writes and reads a file again; the two data sets, and the two documents.
    static func roundTrip(_ path: String) throws -> (original: JSONValue, written: JSONValue) {
        let directory = try TemporaryDirectory()
        let (dataset, findings) = try COCOReader.read(path: path)
        try COCOWriter.write(dataset, to: directory.file("1.json"))
        let again = try COCOReader.read(path: directory.file("1.json"))
        #expect(again.dataset.images == dataset.images, "\(path)")
        #expect(again.dataset.annotations == dataset.annotations, "\(path)")
        #expect(again.dataset.categories == dataset.categories, "\(path)")
        #expect(again.dataset.sections == dataset.sections, "\(path)")
        // What was not finite is null now.
        let wasNonFinite = findings.filter { $0.rule == COCORule.nonFiniteNumber }.count
        #expect(again.findings.filter { $0.rule == COCORule.wrongType }.count == wasNonFinite, "\(path)")
        #expect(again.findings.count == findings.count, "\(path)")
        try COCOWriter.write(again.dataset, to: directory.file("2.json"))
        #expect(try FileSystem.read(directory.file("1.json")) == FileSystem.read(directory.file("2.json")), "\(path)")
        let original = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "-Infinity", with: "null"
        )
        .replacingOccurrences(of: "Infinity", with: "null")
        return (
            canonical(try JSONDocument.parse(original)),
            canonical(try JSONDocument.read(path: directory.file("1.json")))
        )
    }

    @Test func everyFormSurvives() throws {
        let directory = try TemporaryDirectory()
        var text = try String(contentsOfFile: Repository.fixture("Annotations/every-form.json"), encoding: .utf8)
        // The two spellings that are not kept: pixels with a point, crowd as a boolean.
        text = text.replacingOccurrences(of: "640.0", with: "640").replacingOccurrences(
            of: "\"iscrowd\": true", with: "\"iscrowd\": 1")
        // A document in json-c's hands cannot hold the integer that goes beyond 64 bits; its text is compared below.
        try AtomicFileWriter.write(text, to: directory.file("a.json"))
        let (original, written) = try Self.roundTrip(directory.file("a.json"))
        #expect(original == written)
        let (dataset, _) = try COCOReader.read(path: directory.file("a.json"))
        try COCOWriter.write(dataset, to: directory.file("b.json"))
        let lines = try String(contentsOfFile: directory.file("b.json"), encoding: .utf8)
        for part in [
            "\"info\":{\"year\": 2026, \"description\": \"every form of the format, hand-written\",  \"odd  spacing\" : [1 , 2]}",
            "\"id\":18446744073709551615", "\"id\":908400416500.0", "\"k\\u0065y\":1",
            "\"attributes\":{\"a\": [ null ]}",
            "\"score\":0.50", "[[1.5,2,30.25,2.0,30.25,40,1.5,40.125]]", "\"area\":4.0", "\"segmentation\":null",
        ] { #expect(lines.contains(part), "\(part)") }
    }

    @Test func layoutIsOneElementALine() throws {
        let directory = try TemporaryDirectory()
        let dataset = COCODataset(
            images: [COCOImage(id: 1, fileName: "a\"b.png", width: 4, height: 3)],
            annotations: [
                COCOAnnotation(
                    id: 1, imageID: 1, categoryID: 1, segmentation: .polygons([[0, 0, 2.5, 0, 2.5, 2]]),
                    bbox: Box(x: 0, y: 0, width: 2.5, height: 2), area: 2, crowdFlag: false)
            ],
            categories: [COCOCategory(id: 1, name: "cell", supercategory: "")],
            sections: [RawMember("info", ["year": 2026])])
        try COCOWriter.write(dataset, to: directory.file("a.json"))
        #expect(
            try String(contentsOfFile: directory.file("a.json"), encoding: .utf8)
                == """
                {
                "info":{"year":2026},
                "categories":[
                {"id":1,"name":"cell","supercategory":""}
                ],
                "images":[
                {"id":1,"file_name":"a\\"b.png","width":4,"height":3}
                ],
                "annotations":[
                {"id":1,"image_id":1,"category_id":1,"segmentation":[[0,0,2.5,0,2.5,2]],"area":2,"bbox":[0,0,2.5,2],"iscrowd":0}
                ]
                }

                """)
    }

    /// A value that was not understood gives way to one that was set later.
    @Test func valuesReplaceWhatWasKeptAsText() throws {
        let directory = try TemporaryDirectory()
        var (dataset, _) = try COCOReaderTests.read(
            COCOReaderTests.file(annotations: "{\(COCOReaderTests.common), \"area\": \"12\", \"segmentation\": null}"))
        dataset.annotations[0].area = 12
        dataset.annotations[0].segmentation = .polygons([])
        try COCOWriter.write(dataset, to: directory.file("a.json"))
        let text = try String(contentsOfFile: directory.file("a.json"), encoding: .utf8)
        #expect(text.contains("\"category_id\":1,\"segmentation\":[],\"area\":12}"))
    }
}

@Suite(.enabled(if: Repository.sharedData("taco") != nil, "needs ../shared/data")) struct COCORealFileTests {
    static let files = [
        "tiny-coco38/annotations/instances_train2017.json", "tiny-coco38/annotations/instances_val2017.json",
        "taco/annotations_unofficial.json", "coco-eval-fixtures/dataset/cocoapi/instances_val2014_100.json",
        "coco-eval-fixtures/dataset/gt_dataset.json", "coco-eval-fixtures/dataset/gt_ignore_test.json",
        "coco-eval-fixtures/dataset/example_crowdpose_val.json", "coco-eval-fixtures/keypoints_dataset/gt_dataset.json",
        "coco-eval-fixtures/lvis_dataset/lvis_val_100.json", "rbc/test/_annotations.coco.json",
        "facade/valid/_annotations.coco.json", "cardiag/train/_annotations.coco.json",
        "lpbf/test/_annotations.coco.json", "sahi-fixtures/data/coco_utils/visdrone2019-det-train-first50image.json",
        "sahi-fixtures/data/coco_utils/combined_coco.json", "sahi-fixtures/data/coco_evaluate/dataset.json",
    ]

    /// Every number, key and text of a real file is in the file that is written, spelled the same.
    @Test(arguments: files) func survives(file: String) throws {
        let path = try #require(Repository.sharedData(file))
        let (original, written) = try COCOWriterTests.roundTrip(path)
        guard original != written else { return }
        for (a, b) in zip(original.object ?? [], written.object ?? []) where a != b {
            let differing = zip(a.value.array ?? [], b.value.array ?? []).first { $0 != $1 }
            Issue.record("\(file), \(a.name): \(differing?.0.text() ?? "-") became \(differing?.1.text() ?? "-")")
            return
        }
        Issue.record("\(file): other top-level keys")
    }

    @Test func countsAreThoseOfPython() throws {
        let path = try #require(Repository.sharedData("taco/annotations_unofficial.json"))
        let (dataset, findings) = try COCOReader.read(path: path)
        #expect(dataset.images.count == 3831)
        #expect(dataset.annotations.count == 8334)
        #expect(dataset.categories.count == 60)
        #expect(dataset.sections.map(\.name) == ["info", "scene_categories", "scene_annotations"])
        // Boxes of empty segmentations, as some tool computed them: [Infinity, Infinity, -Infinity, -Infinity].
        #expect(findings.map(\.rule) == Array(repeating: COCORule.nonFiniteNumber, count: 15))
        #expect(findings.allSatisfy { $0.location.keyPath?.hasSuffix(".bbox") == true })
    }

    @Test func resultFilesAreNamedAsSuch() throws {
        let path = try #require(Repository.sharedData("coco-eval-fixtures/dataset/dt_dataset.json"))
        #expect { try COCOReader.read(path: path) } throws: { ($0 as? AnnotationError)?.code == .structure }
    }
}

@Suite struct COCOFuzzTests {
    /// Mutated files are read or refused; what is read survives writing.
    @Test(arguments: 0..<4) func mutationsAreReadOrRefused(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let original = try FileSystem.read(Repository.fixture("Annotations/every-form.json"))
        let alphabet = Array(#"{}[]",:\u0123456789.-+tfn "#.utf8) + [0, 9, 10, 0x80, 0xff]
        var read = 0
        for round in 0..<600 {
            var random = CounterRandom(seed: UInt64(seed), sample: UInt64(round), purpose: RandomPurpose("coco.fuzz"))
            var bytes = original
            for _ in 0..<1 + random.index(below: 3) {
                let place = random.index(below: bytes.count)
                let length = min(bytes.count - place, 1 + random.index(below: 12))
                switch random.index(below: 4) {
                case 0: bytes[place] = alphabet[random.index(below: alphabet.count)]
                case 1: bytes.removeSubrange(place..<place + length)
                case 2: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
                default: bytes[place] = bytes[random.index(below: bytes.count)]
                }
            }
            do {
                let (dataset, _) = try COCOReader.read(bytes)
                try COCOWriter.write(dataset, to: directory.file("a.json"))
                let again = try COCOReader.read(path: directory.file("a.json")).dataset
                #expect((again == dataset) == true, "\(String(decoding: bytes, as: UTF8.self))")
                for annotation in dataset.annotations {
                    _ = try? annotation.segmentation?.rle(height: 40, width: 50)
                }
                read += 1
            } catch let error as AnnotationError {
                #expect(error.location?.byteOffset != nil)
            }
        }
        #expect(read > 50)
    }

    /// A file written part by part has the bytes of one written at once.
    @Test func partsGiveTheBytesOfTheWhole() throws {
        let directory = try TemporaryDirectory()
        let text = """
            {"info": {"year": 2026}, "categories": [{"id": 1, "name": "cell"}],
            "images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 9}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3.5, 4], "score": 0.5},
            {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [9, 8], "counts": "0h1"}},
            {"id": 3, "image_id": 1, "category_id": 1, "area": 7.25}]}
            """
        let whole = try COCOReader.read(Array(text.utf8)).dataset
        try COCOWriter.write(whole, to: directory.file("whole.json"))
        for parts in [[0..<3], [0..<1, 1..<1, 1..<3], []] {
            var head = whole
            if !parts.isEmpty { head.annotations = [] }
            var asked: [Int] = []
            try COCOWriter.write(head, parts: parts.count, to: directory.file("parts.json")) { part in
                asked.append(part)
                return Array(whole.annotations[parts[part]])
            }
            #expect(asked == Array(parts.indices))
            #expect(
                try FileSystem.read(directory.file("parts.json")) == FileSystem.read(directory.file("whole.json")))
        }
    }
}
