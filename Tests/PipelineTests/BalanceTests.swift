import Annotations
import JSONText
import Pipeline
import Runtime
import Shards
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

    /// A cap never leads a class beyond what it had, or beyond the cap, however the method weighs others in its images.
    @Test(arguments: ["repeat-factor", "instance-repeat-factor", "inverse-frequency", "effective-number", "none"])
    func capsAreKept(method: String) throws {
        var random = CounterRandom(seed: 11, sample: 3, purpose: RandomPurpose("balance test"))
        for _ in 0..<40 {
            var samples: [[Int: Int]] = []
            for _ in 0..<60 {
                var sample: [Int: Int] = [:]
                for label in 0..<6 where random.uniform() < 0.7 / Double(1 + label * label) {
                    sample[label] = 1 + random.index(below: 4)
                }
                samples.append(sample)
            }
            let cap = 5 + random.index(below: 60)
            var settings = BalanceSettings()
            settings.method = try #require(BalanceSettings.Method(rawValue: method))
            settings.threshold = 0.9
            settings.cap = cap
            let factors = ClassFactors(samples, settings: settings)
            var objects: [Int: Double] = [:]
            var expected: [Int: Double] = [:]
            for sample in samples {
                let repeats = factors.repeats(sample)
                for (label, count) in sample {
                    objects[label, default: 0] += Double(count)
                    expected[label, default: 0] += repeats * Double(count)
                }
            }
            for (label, count) in expected {
                #expect(count <= max(Double(cap), objects[label] ?? 0) * (1 + 1e-9), "\(method), class \(label)")
            }
            // A class that is in no image with another is at the cap where it would be above it.
            var alone = samples
            for _ in 0..<100 { alone.append([9: 1]) }
            let more = ClassFactors(alone, settings: settings)
            #expect(100 * more.repeats([9: 1]) <= Double(cap) * (1 + 1e-9))
        }
    }

    // MARK: Parts of a split

    /// 40 images of a common class, of which every tenth has a rare one.
    private static func dataset(_ split: String) throws -> (SmallDataset, ConversionOptions) {
        var data = try SmallDataset()
        for index in 0..<40 {
            let name = "more/\(index).png"
            try data.writeImage(name, width: 20, height: 20)
            try data.add(
                "{\"id\": \(100 + index), \"file_name\": \"\(name)\", \"width\": 20, \"height\": 20}", to: "images")
            let categories = index % 10 == 3 ? [3, 90] : [3]
            for (number, category) in categories.enumerated() {
                try data.add(
                    "{\"id\": \(1000 + 10 * index + number), \"image_id\": \(100 + index), \"category_id\": \(category), \"iscrowd\": 0, \"area\": 25, \"bbox\": [1,1,5,5], \"segmentation\": [[1,1,6,1,6,6,1,6]]}",
                    to: "annotations")
            }
        }
        var options = try data.options()
        options.seed = 3
        options.split = try SplitRule(split, seed: 3)
        return (data, options)
    }

    static let splits: [(text: String, trained: Set<Int>)] = [
        ("train=0.6,val=0.4", [0]), ("val=0.4,train=0.6", [1]), ("a=0.5,b=0.5", [0]), ("test=0.5,x=0.5", [1]),
        ("train1=0.3,train2=0.3,valid=0.4", [0, 1]), ("validation=1", []),
    ]

    @Test(arguments: splits.indices)
    func partsThatAreTrainedOn(index: Int) throws {
        #expect(try SplitRule(Self.splits[index].text, seed: 0).trainedParts == Self.splits[index].trained)
    }

    /// Only what is trained on is balanced, by its own counts, and an epoch is one of it.
    @Test(arguments: [SplitRule.Method.hash, .stratified])
    func otherPartsAreLeftAsTheyAre(method: SplitRule.Method) throws {
        var (data, options) = try Self.dataset("train=0.6,val=0.4")
        defer { _ = data }
        options.split?.method = method
        options.chain = try SampleChain([try StageFixture.stage("{balance: {method: inverse-frequency, minimum: 30}}")])
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        let summary = try COCOConversion(options).run()
        func records(_ part: Int) -> [ShardManifest.Record] { summary.parts[part].manifest.shards.flatMap(\.records) }
        #expect(records(1).count > 5 && records(1).allSatisfy { $0.repeats == 1 })
        #expect(records(0).contains { $0.repeats > 1 })
        let rare = records(0).filter { $0.objects[90] ?? 0 > 0 }
        #expect(rare.reduce(0.0) { $0 + $1.repeats * Double($1.objects[90] ?? 0) } >= 30 - 1e-6)
        #expect(abs(plan.forecast.expectedImages - records(0).reduce(0) { $0 + $1.repeats }) < 1e-6)
        #expect(plan.forecast.isBalanced)
    }

    /// A class that training never sees is told of, however often it is in the other part.
    @Test func conflictsAreToldOfByPart() throws {
        var (data, options) = try Self.dataset("val=0.97,train=0.03")
        defer { _ = data }
        options.chain = try SampleChain([try StageFixture.stage("{balance: {method: none, minimum: 3}}")])
        options.split = try SplitRule("val=0.97,train=0.03", seed: 5)
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        let rare = try #require(plan.forecast.classes.first { $0.id == "90" })
        #expect(rare.objectsByPart[1] == 0 && rare.objectsByPart[0] > 3)
        #expect(plan.ledger.examples.contains { $0.rule == "balance.few-objects" && $0.message.contains("in train") })
        // A cap that images with rarer classes stand in the way of.
        options.split = nil
        options.chain = try SampleChain([try StageFixture.stage("{balance: {method: none, cap: 3}}")])
        let capped = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        #expect(capped.ledger.counts.contains { $0.rule == "balance.over-cap" && $0.severity == .warning })
    }

    /// Repeats of less than one leave images out by rule, and a dry run knows which.
    @Test func imagesThatAreNotDrawnAreListed() throws {
        var (data, options) = try Self.dataset("train=0.6,val=0.4")
        defer { _ = data }
        options.writesRepeats = true
        options.chain = try SampleChain([
            try StageFixture.stage("{balance: {method: none, cap: 12, minimum: 9, max-repeat: 4}}")
        ])
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        let summary = try COCOConversion(options).run()
        let omitted = try #require(summary.counts.first { $0.rule == "balance.none" })
        #expect(omitted.isDrop && omitted.isReject && omitted.subject == .image && omitted.ids.count == omitted.count)
        let ids = Set(summary.parts.flatMap { $0.manifest.shards.flatMap(\.records) }.map(\.imageID))
        #expect(ids.isDisjoint(with: omitted.ids) && !summary.hasDrops)
        #expect(ids.filter { !$0.contains("#") }.count + omitted.count == 43)
        #expect(plan.forecast.images == summary.images && plan.forecast.objects == summary.objects)
        for (part, written) in zip(plan.forecast.parts, summary.parts) {
            #expect(part.images == written.images && part.objects == written.objects)
        }
        // The part that is not trained on is whole.
        #expect(summary.parts[1].images == (try Self.images(options, part: 1)))
    }

    private static func images(_ options: ConversionOptions, part: Int) throws -> Int {
        let source = try COCOSource(path: options.input)
        return source.images.count { options.split?.part(of: $0.fileName) == part }
    }

    /// Repeats without anything that makes them are a mistake.
    @Test func writtenRepeatsNeedABalance() throws {
        var (data, options) = try Self.dataset("train=0.6,val=0.4")
        defer { _ = data }
        options.writesRepeats = true
        let error = #expect(throws: PipelineError.self) { try COCOConversion(options).run() }
        #expect(error?.code == .stage)
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
