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
    static func write(_ path: String, list: Bool, images: String = "5") throws {
        let entries = [
            "\"category_id\": 1, \"segmentation\": \(try segmentation(0..<10, 0..<9))",
            "\"category_id\": 1, \"segmentation\": \(try segmentation(10..<20, 10..<20))",
            "\"category_id\": 1, \"segmentation\": {\"size\": [1, 1], \"counts\": [7]}",
        ].enumerated().map { "{\"id\": \($0.offset + 1), \"image_id\": 5, \"score\": 0.5, \($0.element)}" }
        let text = "[" + entries.joined(separator: ",\n") + "]"
        try AtomicFileWriter.write(
            list
                ? text
                : "{\"images\": [{\"id\": \(images), \"file_name\": \"x\", \"width\": 40, \"height\": 30}], \"categories\": [], \"annotations\": \(text)}",
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

    /// An annotator who was not shown an image says nothing of it; a model that predicts nothing says that there is nothing.
    @Test func imagesThatAreNotListed() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.json")
        try Self.write(path, list: false, images: "6")
        let (kept, ledger) = try StageFixture.run(QualityStage(against: path, minimum: 0.85), [Self.sample()])
        #expect(kept[0].objects.count == 4)
        #expect(ledger.counts.map(\.rule) == [QualityStage.unlistedRule] && !ledger.counts[0].isDrop)
        try AtomicFileWriter.write("[]", to: path)
        let (none, _) = try StageFixture.run(QualityStage(against: path, minimum: 0.85), [Self.sample()])
        #expect(StageFixture.ids(none.first) == ["4"])
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
