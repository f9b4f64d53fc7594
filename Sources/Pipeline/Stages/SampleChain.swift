package import Annotations
internal import Runtime
package import Shards

/// Stages in a row.
package struct SampleChain: Sendable {
    package private(set) var stages: [any SampleStage]

    /// - Throws: `PipelineError.stage` for an order that cannot work.
    package init(_ stages: [any SampleStage]) throws(PipelineError) {
        var moved: String?
        var renamed: String?
        for stage in stages {
            if let renamed, stage.needsSourceIDs {
                throw PipelineError(
                    .stage,
                    "\(stage.name) knows images and objects by the ids of the labels, so it must stand before \(renamed), which makes new ones"
                )
            }
            if stage.multiplies { renamed = renamed ?? stage.name }
            if let moved, stage.needsSourceFrame {
                throw PipelineError(
                    .stage,
                    "\(stage.name) compares with labels in the frame of the source's images, so it must stand before \(moved)"
                )
            }
            if !stage.keepsFrame { moved = moved ?? stage.name }
        }
        self.stages = stages
    }

    /// No stages.
    package init() { stages = [] }

    package var isEmpty: Bool { stages.isEmpty }
    /// What the stages found wrong while they were made ready.
    var findings: [Finding] { stages.flatMap(\.findings) }
    /// How the last stage that balances does it; nil where none does.
    var balance: BalanceSettings? { stages.lazy.reversed().compactMap { ($0 as? BalanceStage)?.settings }.first }
    /// How each stage that balances does it.
    var balances: [BalanceSettings] { stages.compactMap { ($0 as? BalanceStage)?.settings } }
    /// Without the stages that balance: they change nothing but how often samples come up.
    var withoutBalance: SampleChain { SampleChain(unchecked: stages.filter { !($0 is BalanceStage) }) }

    /// The chain, ready to work, whose balance acts in each part that is trained on by itself.
    ///
    /// - Parameters:
    ///   - parts: for each of the source's images the number of its part; empty where there is no split.
    ///   - trained: numbers of the parts that are trained on; the others' samples come up once.
    func dealt(to parts: [Int], trained: Set<Int>) -> SampleChain {
        SampleChain(unchecked: stages.map { ($0 as? BalanceStage)?.dealt(to: parts, trained: trained) ?? $0 })
    }

    /// Whether one image may become several samples.
    var multiplies: Bool { stages.contains(where: \.multiplies) }
    /// Whether images may be written with other pixels than their files have.
    var changesPixels: Bool { stages.contains { !$0.keepsFrame } }
    /// Files besides the labels that decide on what comes out, each once.
    var inputs: [String] {
        stages.flatMap(\.inputs).reduce(into: []) { paths, path in if !paths.contains(path) { paths.append(path) } }
    }

    /// The stages before the first that has to know the parts of a split; nil when there is no such stage.
    var beforeParts: SampleChain? {
        stages.firstIndex(where: \.usesParts).map { SampleChain(unchecked: Array(stages[..<$0])) }
    }

    /// The classes behind the last stage.
    package func categories(after categories: [COCOCategory]) throws -> [COCOCategory] {
        try stages.reduce(categories) { try $1.categories(after: $0) }
    }

    /// The chain with every stage ready to work; each sees the samples as those before it leave them.
    ///
    /// - Parameters:
    ///   - images: the source's.
    ///   - parts: of the split, which stages that treat them differently are told; nil without a split.
    ///   - load: the sample of one of them; nil when it is dropped.
    package func prepared(
        images: [COCOImage], categories: [COCOCategory], parts: SplitParts? = nil,
        load: @escaping @Sendable (Int) throws -> StagedSample?
    ) throws -> SampleChain {
        var ready = SampleChain(unchecked: [])
        var categories = categories
        for stage in stages {
            let before = ready
            let survey = StageSurvey(images: images.count, entries: images, parts: parts) { index in
                guard let sample = try load(index) else { return [] }
                var ledger = FindingLedger()
                return try before.process(sample, ledger: &ledger).samples
            }
            ready.stages.append(try stage.prepared(survey, categories: categories))
            categories = try stage.categories(after: categories)
        }
        return ready
    }

    private init(unchecked stages: [any SampleStage]) { self.stages = stages }

    /// Sends a sample through all stages.
    ///
    /// - Returns: what comes out, and what each stage took in and let out.
    package func process(
        _ sample: StagedSample, ledger: inout FindingLedger
    ) throws -> (samples: [StagedSample], counts: [ShardManifest.StageCount]) {
        var samples = [sample]
        var counts: [ShardManifest.StageCount] = []
        defer { ledger.stage = nil }
        for (number, stage) in stages.enumerated() {
            ledger.stage = number + 1
            var count = ShardManifest.StageCount(name: stage.name)
            var passed: [StagedSample] = []
            for sample in samples {
                count.imagesIn += 1
                count.objectsIn += sample.objects.count
                passed += try stage.process(sample, ledger: &ledger) ?? []
            }
            if !stage.keepsFrame {
                passed = passed.map {
                    $0.withoutStalePlaces(after: stage.name, movesPlaces: stage.movesPlaces, ledger: &ledger)
                }
            }
            count.imagesOut = passed.count
            count.objectsOut = passed.reduce(0) { $0 + $1.objects.count }
            counts.append(count)
            samples = passed
        }
        return (samples, counts)
    }
}
