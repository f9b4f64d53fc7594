import Annotations
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct QualityStageTests {
    static func sample() throws -> StagedSample {
        try StageFixture.sample([
            .init(rows: 0..<10, columns: 0..<10), .init(category: 2, rows: 10..<20, columns: 10..<20),
            .init(rows: 20..<30, columns: 20..<30), .init(category: 7, rows: 0..<5, columns: 30..<40, isCrowd: true),
        ])
    }

    private static func segmentation(_ rows: Range<Int>, _ columns: Range<Int>) throws -> String {
        var mask = Bitmap(height: 30, width: 40)
        for row in rows { for column in columns { mask[row, column] = true } }
        return "{\"size\": [30, 40], \"counts\": \(JSONValue.string(RLE(mask).compressedString).text())}"
    }

    /// The first object agrees with IoU 0.9, the second is called another category, the third is not there.
    static func write(
        _ path: String, list: Bool, images: String = "5", name: String = "folder/5.png", categories: String = ""
    ) throws {
        let entries = [
            "\"category_id\": 1, \"segmentation\": \(try segmentation(0..<10, 0..<9))",
            "\"category_id\": 1, \"segmentation\": \(try segmentation(10..<20, 10..<20))",
            "\"category_id\": 1, \"segmentation\": {\"size\": [1, 1], \"counts\": [7]}",
        ].enumerated().map { "{\"id\": \($0.offset + 1), \"image_id\": \(images), \"score\": 0.5, \($0.element)}" }
        let text = "[" + entries.joined(separator: ",\n") + "]"
        try AtomicFileWriter.write(
            list
                ? text
                : "{\"images\": [{\"id\": \(images), \"file_name\": \"\(name)\", \"width\": 40, \"height\": 30}], \"categories\": [\(categories)], \"annotations\": \(text)}",
            to: path)
    }

    @Test(arguments: [true, false])
    func objectsNeedAnAgreeingMask(list: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        try Self.write(path, list: list)
        for (minimum, category, left) in [
            (0.9, "same", ["1", "4"]), (0.91, "same", ["4"]), (0.9, "any", ["1", "2", "4"]),
            (0, "same", ["1", "2", "3", "4"]),
        ] {
            let (passed, ledger) = try StageFixture.run(
                StageFixture.stage("{quality: {against: \"\(path)\", min-iou: \(minimum), category: \(category)}}"),
                [Self.sample()])
            #expect(StageFixture.ids(passed.first) == left)
            #expect(ledger.counts.reduce(0) { $0 + $1.count } == 4 - left.count)
            #expect(ledger.counts.allSatisfy { $0.rule == QualityStage.overlapRule && $0.isReject })
        }
    }

    /// An annotator who was not shown an image says nothing of it.
    @Test func imagesThatAreNotListed() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        try Self.write(path, list: false, images: "6", name: "folder/6.png")
        let other = try StageFixture.sample(id: 6, index: 1)
        let (kept, ledger) = try StageFixture.run(QualityStage(against: path, minimum: 0.85), [Self.sample(), other])
        #expect(kept[0].objects.count == 4)
        #expect(ledger.counts.map(\.rule) == [QualityStage.unlistedRule] && !ledger.counts[0].isDrop)
    }

    private static let mask = "\"segmentation\": {\"size\": [30, 40], \"counts\": [0, 300, 900]}"

    /// What cannot be compared is no opinion: of some it is said, and when it is all, no label is judged by it.
    @Test(arguments: [
        ("\"category_id\": 1, \"score\": 1, \"bbox\": [0, 0, 10, 10]", "have no mask"),
        (
            "\"category_id\": 1, \"score\": 1, \"segmentation\": {\"size\": [3, 3], \"counts\": [9]}",
            "have a mask that does not fit the image"
        ),
        ("\"category_id\": 77, \"score\": 1, \(mask)", "are of categories that the labels do not have"),
        ("\"category_id\": 1, \(mask)", "cannot be read"),
    ]) func unusablePredictionsAreNoOpinion(entry: String, reason: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        func prepare(_ entries: [String]) throws -> any SampleStage {
            let list = entries.map { "{\"image_id\": 5, \($0)}" }
            try AtomicFileWriter.write("[" + list.joined(separator: ",") + "]", to: path)
            let sample = try Self.sample()
            return try QualityStage(against: path, minimum: 0.9).prepared(
                StageSurvey(images: 1) { _ in [sample] }, categories: StageFixture.categories)
        }
        let error = #expect(throws: PipelineError.self) { try prepare([entry, entry]) }
        #expect(error?.code == .comparison && error?.kind == .badInput)
        #expect(error?.message.contains("2 of its 2 results \(reason)") == true, "\(error?.message ?? "")")
        let good = "\"category_id\": 1, \"score\": 1, \(Self.mask)"
        let findings = try prepare([entry, good]).findings
        #expect(findings.map(\.rule) == [QualityStage.unusableRule] && findings[0].severity == .warning)
        #expect(findings[0].message.contains("1 of its 2 results \(reason)"))
    }

    @Test(arguments: [
        ("[]", "none"), ("{\"a\": 1}", "lists no image"),
        (
            "{\"images\": [{\"id\": 5, \"file_name\": \"folder/5.png\"}], \"annotations\": [], \"categories\": []}",
            "none"
        ),
        (
            "{\"images\": [{\"id\": 5, \"file_name\": \"folder/5.png\"}], \"categories\": [{\"id\": 1, \"name\": \"cell\"}], \"annotations\": [{\"id\": 1, \"image_id\": 5, \"category_id\": 1, \"bbox\": [0, 0, 10, 10]}]}",
            "have no mask"
        ),
    ]) func opinionsOnNothingAreErrors(text: String, phrase: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        try AtomicFileWriter.write(text, to: path)
        let error = #expect(throws: PipelineError.self) {
            try StageFixture.run(QualityStage(against: path, minimum: 0.85), [Self.sample()])
        }
        #expect(error?.code == .comparison && error?.message.contains(phrase) == true, "\(error?.message ?? "")")
    }

    /// Names tell which image is which, and ids only where there are no names.
    @Test func imagesGoByTheirNames() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        let category = "{\"id\": 51, \"name\": \"cell\"}, {\"id\": 1, \"name\": \"nucleus\"}"
        func left(_ images: String, _ name: String, _ categories: String = "") throws -> (
            ids: [String], rules: [String]
        ) {
            try Self.write(path, list: false, images: images, name: name, categories: categories)
            let samples = [try Self.sample(), try StageFixture.sample(id: 8, index: 1)]
            let stage = QualityStage(against: path, minimum: 0.9)
            let ready = try stage.prepared(
                StageSurvey(images: 2) { [samples[$0]] }, categories: StageFixture.categories)
            var ledger = FindingLedger()
            let passed = try ready.process(samples[0], ledger: &ledger) ?? []
            // One of the three has a mask of another size.
            let findings = ready.findings.filter { $0.rule != QualityStage.unusableRule }
            #expect(ready.findings.count == findings.count + 1)
            return (StageFixture.ids(passed.first), findings.map { "\($0.rule) \($0.severity.rawValue)" })
        }
        // Another id under the name, a name without its folder, an id without a name.
        #expect(try left("77", "folder/5.png") == (["1", "4"], ["quality.names note"]))
        #expect(try left("8", "folder/5.png") == (["1", "4"], ["quality.names note", "quality.names warning"]))
        #expect(try left("5", "elsewhere/5.png") == (["1", "4"], []))
        #expect(try left("5", "") == (["1", "4"], []))
        // Categories likewise: the first is a nucleus there, so nothing is left but the crowd.
        #expect(try left("5", "folder/5.png", category) == (["2", "4"], ["quality.names warning"]))
        // An id under another name is another image.
        #expect(throws: PipelineError.self) { try left("5", "folder/other.png") }
        #expect(throws: PipelineError.self) { try left("99", "folder/99.png") }
    }

    /// Predictions know ids alone; those of images that are not there are counted, and only those are no help.
    @Test func predictionsForOtherImages() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        func list(_ images: [Int]) throws -> any SampleStage {
            let mask = "{\"size\": [30, 40], \"counts\": [0, 300, 900]}"
            let entries = images.map {
                "{\"image_id\": \($0), \"category_id\": 1, \"score\": 1, \"segmentation\": \(mask)}"
            }
            try AtomicFileWriter.write("[" + entries.joined(separator: ",") + "]", to: path)
            let sample = try Self.sample()
            return try QualityStage(against: path, minimum: 0.9).prepared(
                StageSurvey(images: 1) { _ in [sample] }, categories: StageFixture.categories)
        }
        let findings = try list([5, 70, 70, 71]).findings
        #expect(findings.map(\.rule) == [QualityStage.unknownRule] && findings[0].severity == .warning)
        #expect(findings[0].message.contains("2 of the 3 images"))
        #expect(try list([5]).findings.isEmpty)
        #expect(throws: PipelineError.self) { try list([70, 71]) }
    }

    @Test(arguments: ["", "[", "{\"images\": 1}", "[{\"image_id\": 5,", "nonsense"])
    func brokenFilesAreErrors(text: String) throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write(text, to: directory.file("other.json"))
        #expect(throws: (any Error).self) {
            try StageFixture.run(QualityStage(against: directory.file("other.json"), minimum: 0.85), [Self.sample()])
        }
    }

    @Test func itMustStandBeforeWhatMovesMasks() throws {
        let quality = QualityStage(against: "x", minimum: 0.5)
        _ = try SampleChain([quality, ResizeStage(.longestSide(9))])
        let error = #expect(throws: PipelineError.self) { try SampleChain([ResizeStage(.longestSide(9)), quality]) }
        #expect(error?.message.contains("before resize") == true)
    }
}
