internal import Annotations
internal import Runtime
internal import Shards

/// What a conversion is going to do, decided before anything is written.
struct ConversionPlan: Sendable {
    let labels: LabelSet
    let loading: SampleLoading
    /// With every stage ready to work.
    let chain: SampleChain
    /// The classes behind the chain.
    let categories: [COCOCategory]
    let classes: ClassTable
    let layout: ShardLayout
    /// What is wrong with the set and its classes as a whole.
    let ledger: FindingLedger
    /// Nil when nobody asked for it.
    let forecast: ConversionForecast?
    /// What each stage will take in and let out; empty without a thorough survey.
    let surveyCounts: [ShardManifest.StageCount]
    /// What a thorough survey found, ``ledger`` included.
    let surveyLedger: FindingLedger
    /// Files besides the labels that decide on what comes out.
    let inputs: [String]
}

/// Makes a ``ConversionPlan``.
struct ConversionPlanner {
    let options: ConversionOptions
    let labels: LabelSet

    /// - Parameters:
    ///   - forForecast: count what will come out, where there is a split or a chain.
    ///   - thoroughly: count it by reading every image and sending it through the chain, in any case.
    func plan(
        forForecast: Bool, thoroughly: Bool = false, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> ConversionPlan {
        var ledger = labels.ledger
        let files = try ShardLayout.files(of: labels)
        try checkImages(files)
        let loading = ImageReading(
            labels: labels, exifPolicy: options.exifPolicy, decodes: options.decodesImages
        ).then(Rasterising(labels: labels, ringRule: options.ringRule))
        // Stages that treat parts differently have to know them; without such a stage what comes out is dealt.
        let early = try earlyParts(loading, ledger: &ledger)
        let chain = try prepared(
            options.chain, loading,
            parts: early.flatMap { parts in
                options.split.map {
                    SplitParts(names: $0.parts.map(\.name), partOfImage: parts, trained: $0.trainedParts)
                }
            })
        for finding in chain.findings { ledger.note(finding) }
        let categories = try chain.categories(after: labels.source.categories)
        let classes = ClassTable(categories, ledger: &ledger)
        var survey = ConversionSurvey(classes: classes)
        // Sizes and numbers of samples decide on shards where stages change them.
        let needsSurvey =
            thoroughly || chain.changesPixels || chain.multiplies || options.split?.method == .stratified
            || minimum(chain) != nil
            || (forForecast && (options.split != nil || !chain.isEmpty))
        if needsSurvey {
            if thoroughly || !chain.isEmpty {
                try survey.run(loading: loading, chain: chain, progress: progress)
            } else {
                try survey.countLabels(labels)
            }
        }
        let parts = try early ?? partOfImages(survey, ledger: &ledger)
        let estimates = chain.changesPixels || chain.multiplies ? survey.rows.map(\.bytes) : nil
        let layout = ShardLayout(labels, files: files, options: options, parts: parts, estimates: estimates)
        let forecast = needsSurvey ? ConversionForecast(survey, categories: categories, layout: layout) : nil
        noteFewObjects(forecast, chain: chain, ledger: &ledger)
        var surveyLedger = survey.ledger
        surveyLedger.add(ledger)
        if thoroughly, let forecast {
            for part in forecast.parts where part.images == 0 {
                surveyLedger.note(ConversionRun.emptyPart(part.name, input: options.input))
            }
        }
        return ConversionPlan(
            labels: labels, loading: loading, chain: chain, categories: categories, classes: classes, layout: layout,
            ledger: ledger, forecast: forecast, surveyCounts: survey.counts, surveyLedger: surveyLedger,
            inputs: chain.inputs + (options.split?.previousFile.map { [SplitFile.path($0)] } ?? []))
    }

    private func checkImages(_ files: [ShardLayout.File]) throws {
        guard files.contains(where: { $0.bytes != nil }) else {
            let first = labels.images.first?.fileName ?? ""
            throw PipelineError(
                .missing,
                "none of the \(labels.images.count) images is there; the first would be \(FileSystem.join(options.images, first)). Is --images the directory that file names are relative to?",
                location: DataLocation(path: options.images))
        }
    }

    /// A chain with every stage ready to work.
    private func prepared(_ chain: SampleChain, _ loading: SampleLoading, parts: SplitParts?) throws -> SampleChain {
        try chain.prepared(images: labels.images, categories: labels.source.categories, parts: parts) { index in
            var ledger = FindingLedger()
            return try loading.process(index, ledger: &ledger)
        }
    }

    /// For each image the number of its part, by what comes into the first stage that has to know parts; nil when there is
    /// no split, or no such stage.
    private func earlyParts(_ loading: SampleLoading, ledger: inout FindingLedger) throws -> [Int]? {
        guard let split = options.split, let before = options.chain.beforeParts else { return nil }
        guard split.method == .stratified else {
            return try SplitAssignment(split, images: labels.images).parts(classes: [], ledger: &ledger)
        }
        let chain = try prepared(before, loading, parts: nil)
        var unused = FindingLedger()
        var survey = ConversionSurvey(
            classes: ClassTable(try chain.categories(after: labels.source.categories), ledger: &unused))
        if chain.isEmpty {
            try survey.countLabels(labels)
        } else {
            try survey.run(loading: loading, chain: chain) { _, _ in }
        }
        return try partOfImages(survey, ledger: &ledger)
    }

    /// For each image the number of its part.
    private func partOfImages(_ survey: ConversionSurvey, ledger: inout FindingLedger) throws -> [Int] {
        guard let split = options.split else { return Array(repeating: 0, count: labels.images.count) }
        return try SplitAssignment(split, images: labels.images).parts(
            classes: survey.rows.map { row in row.counts.map { Int($0.index) } }, ledger: &ledger)
    }

    /// Objects that every class should have in an epoch.
    private func minimum(_ chain: SampleChain) -> Int? {
        chain.stages.compactMap { ($0 as? BalanceStage)?.settings.minimum }.max()
    }

    /// Warns of classes that stay below the number of objects that balancing is to see to.
    private func noteFewObjects(_ forecast: ConversionForecast?, chain: SampleChain, ledger: inout FindingLedger) {
        guard let forecast, let minimum = minimum(chain) else { return }
        for row in forecast.classes where row.expectedObjects < Double(minimum) * (1 - 1e-6) {
            ledger.note(
                Finding(
                    rule: ConversionRule.fewObjects, severity: .warning,
                    location: DataLocation(path: options.input, keyPath: row.id),
                    message:
                        "class \(row.name) comes up \(ConversionForecast.text(row.expectedObjects)) times an epoch (\(row.objects) objects), the minimum asked for is \(minimum)"
                ))
        }
    }
}
