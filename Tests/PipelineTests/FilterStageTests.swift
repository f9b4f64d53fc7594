import Annotations
import Foundation
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct FilterStageTests {
    /// 1: cell 3 x 3 at the corner; 2: nucleus 20 x 10; 3: crowd of debris at the right edge; 4: cell 2 wide, 16 high;
    /// 5: a box without a mask.
    static func sample() throws -> StagedSample {
        try StageFixture.sample([
            .init(rows: 0..<3, columns: 0..<3), .init(category: 2, rows: 2..<12, columns: 4..<24, score: 0.5),
            .init(category: 7, rows: 5..<15, columns: 30..<40, isCrowd: true),
            .init(rows: 6..<22, columns: 12..<14), .init(rows: 8..<12, columns: 20..<26, hasMask: false),
        ])
    }

    static let filters: [(settings: String, left: [String], rule: String)] = [
        ("categories: [cell]", ["1", "4", "5"], "filter.category"),
        ("categories: nucleus", ["2"], "filter.category"),
        ("categories: ['7', cell]", ["1", "3", "4", "5"], "filter.category"),
        ("exclude-categories: [cell]", ["2", "3"], "filter.category"),
        ("min-area: 32", ["2", "3", "4"], "filter.area"),
        ("max-area: 99", ["1", "4", "5"], "filter.area"), ("min-side: 3", ["1", "2", "3", "5"], "filter.size"),
        ("max-side: 16", ["1", "3", "4", "5"], "filter.size"),
        ("max-aspect: 2", ["1", "2", "3", "5"], "filter.aspect"),
        ("crowd: drop", ["1", "2", "4", "5"], "filter.crowd"), ("crowd: only", ["3"], "filter.crowd"),
        ("border: drop", ["2", "4", "5"], "filter.border"), ("where: \"score > 0.4\"", ["2"], "filter.where"),
        // The area of a box without a mask is the box's.
        ("where: \"area == 24\"", ["5"], "filter.where"), ("where: \"fill == 0\"", ["5"], "filter.where"),
        ("min-area: 20", ["2", "3", "4", "5"], "filter.area"),
    ]

    @Test(arguments: filters.indices)
    func objectsAreLeftOutByRule(index: Int) throws {
        let (settings, left, rule) = Self.filters[index]
        let (passed, ledger) = try StageFixture.run(
            StageFixture.stage("{filter: {\(settings)}}"), [Self.sample()])
        #expect(StageFixture.ids(passed.first) == left)
        let count = try #require(ledger.counts.first)
        #expect(ledger.counts.count == 1 && count.rule == rule && count.isReject && count.subject == .annotation)
        #expect(Set(count.ids) == Set(["1", "2", "3", "4", "5"]).subtracting(left))
        #expect(ledger.firstDrop == nil && !ledger.counts.hasDrops)
    }

    @Test func imagesAreLeftOut() throws {
        let samples = [
            try Self.sample(), try StageFixture.sample(id: 6, index: 1),
            try StageFixture.sample(width: 20, height: 10, id: 8, index: 2),
        ]
        let (nonEmpty, ledger) = try StageFixture.run(StageFixture.stage("{filter: {empty: drop}}"), samples)
        #expect(nonEmpty.map(\.labelled.image.id) == [5])
        #expect(ledger.counts.map(\.rule) == ["filter.empty"] && ledger.counts[0].ids == ["6", "8"])
        let (large, reasons) = try StageFixture.run(
            StageFixture.stage("{filter: {image-where: \"image.width >= 40 and image.objects < 9\"}}"), samples)
        #expect(large.map(\.labelled.image.id) == [5, 6])
        #expect(reasons.counts.map(\.rule) == ["filter.image-where"] && reasons.counts[0].subject == .image)
    }

    @Test func auditedThingsAreLeftOut() throws {
        let directory = try TemporaryDirectory()
        let report = directory.file("audit.json")
        try AtomicFileWriter.write(
            """
            {"command": "audit", "findings": [
              {"rule": "polygon.self-intersection", "severity": "warning", "message": "", "image_id": "5", "annotation_id": "2"},
              {"rule": "rle.sum", "severity": "error", "message": "", "image_id": "5", "annotation_id": "4"},
              {"rule": "rle.sum", "severity": "error", "message": "", "image_id": "9", "annotation_id": "1"},
              {"rule": "schema.type", "severity": "error", "message": "", "annotation_id": "3"},
              {"rule": "image.truncated", "severity": "error", "message": "", "image_id": "6"}]}
            """, to: report)
        let samples = [try Self.sample(), try StageFixture.sample(id: 6, index: 1)]
        let (errors, ledger) = try StageFixture.run(
            StageFixture.stage("{filter: {audit: \"\(report)\"}}"), samples)
        #expect(errors.count == 1 && StageFixture.ids(errors.first) == ["1", "2", "5"])
        #expect(
            ledger.counts.map { "\($0.subject.rawValue) \($0.ids)" } == ["annotation [\"3\", \"4\"]", "image [\"6\"]"])
        let (crossing, _) = try StageFixture.run(
            StageFixture.stage("{filter: {audit: \"\(report)\", rules: polygon.self-intersection}}"), samples)
        #expect(crossing.count == 2 && StageFixture.ids(crossing.first) == ["1", "3", "4", "5"])
        for broken in ["", "[]", "{\"findings\": 1}", "{}", "{\"findings\": [{\"rule\": 1}]}"] {
            try AtomicFileWriter.write(broken, to: report)
            let error = #expect(throws: PipelineError.self) {
                try StageFixture.run(StageFixture.stage("{filter: {audit: \"\(report)\"}}"), samples)
            }
            #expect(error?.code == .comparison)
        }
    }

    @Test(arguments: ["min-area: 5, max-area: 2", "min-side: 3, max-side: 2.5"])
    func boundsThatNothingPassesAreErrors(settings: String) {
        let error = #expect(throws: PipelineError.self) { try StageFixture.stage("{filter: {\(settings)}}") }
        #expect(error?.message.contains("no object passes") == true && error?.kind == .usage)
    }

    @Test func unknownCategoriesAreNamed() throws {
        let error = #expect(throws: PipelineError.self) {
            try StageFixture.run(StageFixture.stage("{filter: {categories: nukleus}}"), [Self.sample()])
        }
        #expect(error?.message.contains("Did you mean 'nucleus'?") == true)
    }
}
