import Annotations
import Pipeline
import Shards
import TestSupport
import Testing

@Suite struct CategoriesStageTests {
    /// Settings, the categories that come out, and those of one object of each of the three that go in.
    static let cases: [(settings: String, list: [String], objects: [String])] = [
        ("map: {cell: Zelle}", ["1 Zelle", "2 nucleus", "7 debris"], ["1", "2", "7"]),
        ("map: {cell: blob, debris: blob}", ["1 blob", "2 nucleus"], ["1", "2", "1"]),
        ("map: {debris: nucleus}", ["1 cell", "2 nucleus"], ["1", "2", "2"]),
        ("map: {cell: debris}", ["7 debris", "2 nucleus"], ["7", "2", "7"]),
        ("map: {'2': x}, others: drop", ["2 x"], ["2"]), ("keep: [debris, cell]", ["1 cell", "7 debris"], ["1", "7"]),
        ("keep: nucleus, map: {cell: nucleus}", ["2 nucleus"], ["2", "2"]),
        ("map: {cell: nucleus, nucleus: cell}", ["1 nucleus", "2 cell"], ["1", "2", "7"]),
    ]

    @Test(arguments: cases.indices)
    func classesAreRenamedAndMerged(index: Int) throws {
        let (settings, list, objects) = Self.cases[index]
        let stage = try StageFixture.stage("{categories: {\(settings)}}")
        let after = try stage.categories(after: StageFixture.categories)
        #expect(Set(after.map { "\($0.id) \($0.name)" }).isSuperset(of: list))
        #expect(Set(after.map(\.id)).count == after.count)
        let sample = try StageFixture.sample([
            .init(category: 1, rows: 0..<3, columns: 0..<3), .init(category: 2, rows: 0..<3, columns: 0..<3),
            .init(category: 7, rows: 0..<3, columns: 0..<3),
        ])
        let (passed, ledger) = try StageFixture.run(stage, [sample])
        #expect(passed[0].objects.map { $0.annotation.categoryID.description } == objects)
        #expect(passed[0].objects.allSatisfy { object in after.contains { $0.id == object.annotation.categoryID } })
        #expect(ledger.counts.reduce(0) { $0 + $1.count } == 3 - objects.count)
    }

    @Test(arguments: [
        "{categories: {}}", "{categories: {map: {zell: x}}}", "{categories: {keep: x}}", "{categories: {map: [a]}}",
    ])
    func mistakesAreNamed(text: String) throws {
        #expect(throws: PipelineError.self) {
            try StageFixture.stage(text).categories(after: StageFixture.categories)
        }
    }
}
