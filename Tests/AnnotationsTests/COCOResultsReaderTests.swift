import Annotations
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

@Suite struct COCOResultsReaderTests {
    static func scan(_ text: String) throws -> (results: [COCOResult?], findings: [Finding]) {
        var results: [COCOResult?] = []
        var findings: [Finding] = []
        try Array(text.utf8).withUnsafeBytes { bytes in
            try COCOResultsReader.scan(bytes, path: "dt.json") { result, found in
                results.append(result)
                findings += found
            }
        }
        return (results, findings)
    }

    @Test func everyFormIsRead() throws {
        let text = #"""
            [{"image_id": 7, "category_id": 3.0, "score": 0.25, "bbox": [1, 2, 3.5, 4]},
             {"score": 1, "image_id": "a.png", "segmentation": {"size": [4, 4], "counts": "02>"}, "extra": {"a": [1]}},
             {"image_id": 7, "category_id": 1, "bbox": [], "segmentation": [[0, 0, 3, 0, 3, 3]], "score": -1e3},
             {"image_id": 7, "category_id": 1, "bbox": null, "segmentation": {"size": [2, 2], "counts": [0, 4]}, "score": 0}]
            """#
        let (results, findings) = try Self.scan(text)
        #expect(findings.isEmpty, "\(findings)")
        try #require(results.count == 4)
        #expect(results[0]?.bbox == Box(x: 1, y: 2, width: 3.5, height: 4) && results[0]?.segmentation == nil)
        #expect(results[0]?.categoryID == 3 && results[0]?.number == 1 && results[0]?.score == 0.25)
        #expect(results[1]?.imageID == "a.png" && results[1]?.categoryID == nil && results[1]?.bbox == nil)
        #expect(results[2]?.bbox == nil && results[2]?.score == -1000)
        let bytes = Array(text.utf8)
        let shapes = try results.dropFirst().map { result in
            try bytes.withUnsafeBytes { bytes in
                try COCOResultsReader.segmentation(in: bytes, at: result?.segmentation ?? 0..<0).segmentation
            }
        }
        #expect(
            shapes == [
                .compressed(height: 4, width: 4, bytes: Array("02>".utf8)), .polygons([[0, 0, 3, 0, 3, 3]]),
                .runs(height: 2, width: 2, counts: [0, 4]),
            ])
    }

    @Test func dataSetWithScoresIsRead() throws {
        let (results, findings) = try Self.scan(
            #"{"info": {}, "annotations": [{"id": 5, "image_id": 1, "category_id": 1, "bbox": [0,0,1,1], "score": 0.5}], "images": []}"#
        )
        #expect(results.count == 1 && findings.isEmpty)
        let (_, wrong) = try Self.scan(#"{"annotations": [{"image_id": 1, "bbox": [0,0,1,1]}]}"#)
        #expect(wrong.map(\.location.keyPath) == ["annotations[0].score"])
    }

    /// Each of these results is dropped, and the one after it is not.
    @Test(
        arguments: [
            (#"{"category_id": 1, "score": 1, "bbox": [0,0,1,1]}"#, "schema.missing-key"),
            (#"{"image_id": 1, "category_id": 1, "bbox": [0,0,1,1]}"#, "results.score"),
            (#"{"image_id": 1, "category_id": 1, "score": NaN, "bbox": [0,0,1,1]}"#, "results.score"),
            (#"{"image_id": 1, "category_id": 1, "score": 1e999, "bbox": [0,0,1,1]}"#, "results.score"),
            (#"{"image_id": 1, "category_id": 1, "score": null, "bbox": [0,0,1,1]}"#, "results.score"),
            (#"{"image_id": 1, "category_id": 1, "score": "0.5", "bbox": [0,0,1,1]}"#, "results.score"),
            (#"{"image_id": 1, "category_id": 1, "score": 1}"#, "results.shape"),
            (#"{"image_id": 1, "category_id": 1, "score": 1, "bbox": [0,0,1]}"#, "results.shape"),
            (#"{"image_id": 1, "category_id": 1, "score": 1, "bbox": [0,0,1,NaN]}"#, "results.shape"),
            (#"{"image_id": 1, "category_id": 1, "score": 1, "segmentation": 5}"#, "results.shape"),
            (#"{"image_id": [], "category_id": 1, "score": 1, "bbox": [0,0,1,1]}"#, "schema.missing-key"),
            (#"7"#, "schema.type"), (#"[]"#, "schema.type"), (#"null"#, "schema.type"),
        ])
    func unusableResultsAreNamed(result: String, rule: String) throws {
        let good = #"{"image_id": 1, "category_id": 1, "score": 1, "bbox": [0,0,1,1]}"#
        let (results, findings) = try Self.scan("[\(result),\n\(good)]")
        #expect(results.count == 2 && results[0] == nil && results[1]?.number == 2)
        let finding = try #require(findings.last)
        #expect(finding.rule == rule && finding.severity == .error, "\(findings)")
        #expect(finding.location.path == "dt.json" && finding.location.line == 1)
        #expect(finding.location.keyPath?.hasPrefix("[0]") == true, "\(finding)")
        if rule != "schema.type" { #expect(finding.message.hasSuffix("the result is dropped"), "\(finding)") }
    }

    @Test(
        arguments: [
            (#"{"images": []}"#, "coco.structure"), (#"7"#, "coco.structure"), (#"[{"image_id": 1]"#, "coco.syntax"),
            (#"[{"image_id": 1"#, "coco.truncated"), ("", "coco.truncated"), ("[] x", "coco.syntax"),
            (#"{"annotations": 5}"#, "coco.syntax"), ("[1,]", "coco.syntax"),
        ])
    func filesThatAreNoResultsThrow(text: String, code: String) {
        #expect { try Self.scan(text) } throws: { ($0 as? AnnotationError)?.codeName == code }
    }

    @Test func anEmptyListHoldsNothing() throws {
        let (results, findings) = try Self.scan("\u{FEFF}[]")
        #expect(results.count == 1 && results[0] == nil && findings.map(\.rule) == ["json.byte-order-mark"])
    }

    /// Random damage ends in results, findings or an error; every segmentation that was passed can be asked for.
    @Test func mutatedTextNeverCrashes() throws {
        let text = Array(
            #"[{"image_id":1,"category_id":2,"score":0.5,"bbox":[1,2,3,4],"segmentation":{"size":[4,4],"counts":"02>"}},{"image_id":1,"score":0.1,"segmentation":[[0,0,3,0,3,3]]}]"#
                .utf8)
        var random = CounterRandom(seed: 4, sample: 0, purpose: RandomPurpose("mutation"))
        for _ in 0..<3000 {
            var bytes = text
            for _ in 0..<1 + random.index(below: 4) {
                bytes[random.index(below: bytes.count)] = text[random.index(below: text.count)]
            }
            bytes.withUnsafeBytes { bytes in
                var places: [Range<Int>] = []
                do {
                    try COCOResultsReader.scan(bytes) { result, _ in
                        if let place = result?.segmentation { places.append(place) }
                    }
                } catch {
                    #expect(error is AnnotationError)
                }
                for place in places {
                    let segmentation = try? COCOResultsReader.segmentation(in: bytes, at: place).segmentation
                    let mask = try? segmentation?.rle(height: 4, width: 4)
                    if let quick = COCOResultsReader.compressedMask(in: bytes, at: place, height: 4, width: 4) {
                        #expect(quick == mask)
                    }
                }
            }
        }
    }

    /// The quick way to a mask and the long one lead to the same, or the quick one gives up.
    @Test func compressedMasksAreReadInPlace() throws {
        let mask = try RLE(height: 40, width: 30, polygons: [[3, 4, 25, 8, 20, 33, 7, 30]])
        // A backslash is one of the characters of run lengths, and an escape in JSON.
        let counts = mask.compressedString
        let escaped = counts.replacing("\\", with: "\\\\")
        func read(_ text: String) throws -> RLE? {
            Array(text.utf8).withUnsafeBytes { bytes in
                COCOResultsReader.compressedMask(in: bytes, at: 0..<bytes.count, height: 40, width: 30)
            }
        }
        #expect(try read(#"{"size":[40,30],"counts":"\#(escaped)"}"#) == mask)
        #expect(try read(#"{"size": [40, 30], "counts": "\#(escaped)"}"#) == mask)
        #expect(try read(#"{ "size"  :[40,\#n30],"counts": "\#(escaped)" }"#) == mask)
        #expect(try read(#"{"size":[40,30],"counts":"\#(escaped.replacing("0", with: "\\u0030"))"}"#) == mask)
        #expect(try read(#"{"counts":"\#(escaped)","size":[40, 30]}"#) == mask)
        let wide = try RLE(height: 40, width: 30, box: Box(x: 0, y: 0, width: 28, height: 40))
        #expect(
            try read(#"{"size":[40,30],"counts":"\#(wide.compressedString.replacing("\\", with: "\\\\"))"}"#) == wide)
        for other in [
            #"{"size":[30,40],"counts":"\#(escaped)"}"#, #"{"size":[40,30,1],"counts":"\#(escaped)"}"#,
            #"{"size":[40,30],"counts":[1200]}"#, #"{"size":[40,30]}"#, #"[[1,2,3,4,5,6]]"#,
            #"{"size":[40,30],"counts":"~"}"#, #"{"size":[40,30],"counts":"\#(escaped)","x":1}"#,
            #"{"size":[40.5,30],"counts":"\#(escaped)"}"#, #"{"size":[40,30],"counts":"x","counts":"\#(escaped)"}"#,
            #"{"size":[4000000000,30],"counts":"\#(escaped)"}"#, #"{"size":[-40,30],"counts":"\#(escaped)"}"#,
            #"{"size":[40,30],"counts":"}"#, #"{"size":[40,30],"counts":""}"#, #"{"size":[40"#, "{", #"{"size""#,
        ] {
            #expect(try read(other) == nil)
        }
    }

    /// A scan that passes annotations finds each where a full one reads it, and reading it there gives the same.
    @Test func placesAreWhereAnnotationsStand() throws {
        struct Collector: COCOVisitor {
            var annotations: [COCOAnnotation] = []
            var places: [COCOAnnotationPlace] = []
            var findings: [Finding] = []
            mutating func visit(_ annotation: COCOAnnotation) { annotations.append(annotation) }
            mutating func visit(_ place: COCOAnnotationPlace) { places.append(place) }
            mutating func report(_ finding: Finding, dropped: COCOSection?) { findings.append(finding) }
        }
        let path = Repository.fixture("Annotations/every-form.json")
        var full = Collector()
        try COCOReader.scan(path: path, &full)
        var quick = Collector()
        try COCOReader.scan(path: path, passesAnnotations: true, &quick)
        #expect(quick.annotations.isEmpty && !full.annotations.isEmpty)
        let bytes = try FileSystem.read(path)
        var read: [COCOAnnotation] = []
        var findings = quick.findings
        let reader = COCOAnnotationReader(path: path)
        for place in quick.places {
            let before = findings.count
            let annotation = try bytes.withUnsafeBytes {
                try COCOReader.annotation(in: $0, at: place.offset, path: path) { findings.append($0) }
            }
            // What a reader has learnt of others changes nothing, however often it is asked.
            for _ in 0..<2 {
                var noted: [Finding] = []
                let learnt = try bytes.withUnsafeBytes {
                    try reader.annotation(in: $0, at: place.offset) { noted.append($0) }
                }
                #expect(learnt == annotation && noted == Array(findings[before...]))
            }
            guard let annotation else { continue }
            #expect(annotation.id == place.id && annotation.imageID == place.imageID)
            #expect(annotation.origin.position?.byteOffset == place.offset)
            read.append(annotation)
        }
        #expect(read == full.annotations)
        #expect(
            Set(findings.map { "\($0.rule) \($0.location.byteOffset ?? -1)" })
                == Set(full.findings.map { "\($0.rule) \($0.location.byteOffset ?? -1)" }))
    }
}
