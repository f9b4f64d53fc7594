import Annotations
import JSONText
import Pipeline
import Runtime
import TestSupport
import Testing

@Suite struct BalanceTests {
    /// `Tests/Fixtures/Pipeline/write_balance.py` has the formulas.
    static func fixture() throws -> (samples: [[Int: Int]], expected: JSONValue) {
        let document = try JSONDocument.read(path: Repository.fixture("Pipeline/balance.json"))
        let samples = (document["samples"]?.array ?? []).map { sample in
            Dictionary(
                uniqueKeysWithValues: (sample.object ?? []).map { (Int($0.name) ?? -1, $0.value.int ?? 0) })
        }
        return (samples, document["expected"] ?? .null)
    }

    static let cases: [(name: String, settings: String)] = [
        ("repeat-factor", "threshold: 0.2"),
        ("instance-repeat-factor", "method: instance-repeat-factor, threshold: 0.2"),
        ("inverse-frequency", "method: inverse-frequency"),
        ("effective-number", "method: effective-number, beta: 0.99"),
        ("none, cap 40", "method: none, cap: 40"), ("none, minimum 30", "method: none, minimum: 30"),
        ("none, minimum 30, at most 2", "method: none, minimum: 30, max-repeat: 2"),
    ]

    @Test(arguments: cases.indices)
    func factorsAreThoseOfThePapers(index: Int) throws {
        let (name, settings) = Self.cases[index]
        let (samples, expected) = try Self.fixture()
        let stage = try #require(try StageFixture.stage("{balance: {\(settings)}}") as? BalanceStage)
        let factors = ClassFactors(samples, settings: stage.settings)
        let values = try #require(expected[name]?.array).map { $0.double ?? .nan }
        #expect(values.count == samples.count && Set(values).count > 2)
        for (sample, value) in zip(samples, values) {
            #expect(abs(factors.repeats(sample) - value) < 1e-12 * value, "\(sample)")
        }
    }

    /// The stage counts the samples that reach it.
    @Test func samplesSayHowOftenTheyComeUp() throws {
        var samples: [StagedSample] = []
        for index in 0..<16 {
            let rare: [StageFixture.Object] = index == 3 ? [.init(category: 2, rows: 0..<2, columns: 0..<2)] : []
            samples.append(
                try StageFixture.sample(
                    [.init(rows: 0..<5, columns: 0..<5)] + rare, id: .integer(Int64(index)), index: index))
        }
        let (passed, _) = try StageFixture.run(StageFixture.stage("{balance: {threshold: 0.25}}"), samples)
        #expect(passed.enumerated().allSatisfy { $0.element.repeats == ($0.offset == 3 ? 2 : 1) })
    }

    @Test(arguments: [
        "{balance: {method: magic}}", "{balance: {threshold: 0}}", "{balance: {beta: 1}}",
        "{balance: {max-repeat: 0.5}}",
        "{balance: {method: inverse-frequency, threshold: 0.5}}", "{balance: {method: none, threshold: 0.5}}",
        "{balance: {beta: 0.5}}", "{balance: {method: inverse-frequency, beta: 0.5}}",
        "{balance: {cap: 0}}", "{balance: {minimum: many}}",
    ])
    func mistakesAreNamed(text: String) {
        #expect(throws: PipelineError.self) { try StageFixture.stage(text) }
    }
}
