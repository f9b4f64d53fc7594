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
        if labels.source.statesRepeats, options.target != ConversionOptions.shards, !options.writesRepeats {
            ledger.note(
                Finding(
                    rule: ConversionRule.repeatsLost, severity: .warning, location: DataLocation(path: options.input),
                    message:
                        "\(options.target) cannot say how often an image is to come up in an epoch, as these shards do; --write-repeats writes it so often"
                ))
        }
        if let split = options.split, split.trainedParts.isEmpty,
            let stage = options.chain.stages.first(where: \.needsTrainedParts)
        {
            throw PipelineError(
                .split,
                "\(stage.name) acts on parts that are trained on, and none of \(split.parts.map(\.name).joined(separator: ", ")) is: one whose name begins with train, or is none of validation and test"
            )
        }
        let files = try ShardLayout.files(of: labels)
        try checkImages(files)
        let loading = self.loading
        // Stages that treat parts differently have to know them; without such a stage what comes out is dealt.
        let early = try earlyParts(loading, ledger: &ledger)
        var chain = try prepared(options.chain, loading, early: early)
        for finding in chain.findings { ledger.note(finding) }
        let categories = try chain.categories(after: labels.source.categories)
        let classes = ClassTable(categories, ledger: &ledger)
        noteNames(categories, ledger: &ledger)
        var survey = ConversionSurvey(classes: classes)
        // Sizes and numbers of samples decide on shards where stages change them.
        let needsSurvey =
            thoroughly || chain.changesPixels || chain.multiplies || options.split?.method == .stratified
            || chain.balances.contains { $0.minimum != nil || $0.cap != nil } || options.writesRepeats
            || (forForecast && (options.split != nil || !chain.isEmpty))
        func look(at chain: SampleChain) throws {
            survey = ConversionSurvey(classes: classes)
            guard thoroughly || !chain.isEmpty else { return try survey.countLabels(labels) }
            try survey.run(
                loading: loading, chain: chain,
                repeats: options.writesRepeats ? RepeatWriting(seed: options.seed) : nil,
                turn: FrameTurn(frame: options.targetFrame), progress: progress)
        }
        // How often samples come up depends on the part they are in, and a stratified part on what comes out.
        let isDealtByOutput = early == nil && options.split?.method == .stratified
        if isDealtByOutput { try look(at: chain.withoutBalance) }
        let parts = try early ?? partOfImages(survey, ledger: &ledger)
        let trained = options.split?.trainedParts ?? [0]
        chain = chain.dealt(to: options.split == nil ? [] : parts, trained: trained)
        if needsSurvey, !isDealtByOutput || chain.balance != nil { try look(at: chain) }
        let estimates =
            chain.changesPixels || chain.multiplies || options.writesRepeats ? survey.rows.map(\.bytes) : nil
        let layout = ShardLayout(labels, files: files, options: options, parts: parts, estimates: estimates)
        let forecast =
            needsSurvey
            ? ConversionForecast(survey, categories: categories, layout: layout, trainedParts: trained) : nil
        noteConflicts(forecast, chain: chain, ledger: &ledger)
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

    /// Notes classes that readers which know them by their names cannot tell.
    private func noteNames(_ categories: [COCOCategory], ledger: inout FindingLedger) {
        var first: [String: COCOIdentifier] = [:]
        for category in categories {
            var location = category.location
            location.keyPath = category.id.description
            func warn(_ rule: String, _ message: String) {
                ledger.note(Finding(rule: rule, severity: .warning, location: location, message: message))
            }
            if category.name.isEmpty {
                warn(ConversionRule.categoryUnnamed, "class \(category.id) has no name, by which most formats know it")
            } else if let other = first[category.name] {
                warn(
                    ConversionRule.categoryDuplicateName,
                    "class \(category.id) is called \(category.name) as class \(other) is; formats that know classes by their names take the two for one"
                )
            } else {
                first[category.name] = category.id
            }
        }
    }

    /// What reads one image.
    private var loading: SampleLoading {
        ImageReading(labels: labels, exifPolicy: options.exifPolicy, decodes: options.decodesImages)
            .then(Rasterising(labels: labels, ringRule: options.ringRule))
    }

    /// What single images are looked at with: reading, and the stages ready to work. What comes out is not surveyed.
    func readied() throws -> (loading: SampleLoading, chain: SampleChain) {
        var ledger = FindingLedger()
        let loading = self.loading
        let early = try earlyParts(loading, ledger: &ledger)
        return (loading, try prepared(options.chain, loading, early: early))
    }

    /// A chain with every stage ready to work, in the parts of the split that were known early.
    private func prepared(_ chain: SampleChain, _ loading: SampleLoading, early: [Int]?) throws -> SampleChain {
        let parts = early.flatMap { parts in
            options.split.map {
                SplitParts(names: $0.parts.map(\.name), partOfImage: parts, trained: $0.trainedParts)
            }
        }
        return try prepared(chain, loading, parts: parts)
    }

    private func checkImages(_ files: [ShardLayout.File]) throws {
        guard files.contains(where: { $0.bytes != nil }) else {
            let first = labels.images.first?.fileName ?? ""
            if !options.imagePlaces.isEmpty { throw notFound(first) }
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

    /// What is said when images are in none of the likely places.
    private func notFound(_ first: String) -> PipelineError {
        PipelineError(
            .missing,
            "none of the \(labels.images.count) images is there; \(first) and others were looked for in "
                + options.imagePlaces.joined(separator: ", ")
                + "; --images names the directory that file names are relative to",
            location: DataLocation(path: options.input))
    }

    /// For each image the number of its part.
    private func partOfImages(_ survey: ConversionSurvey, ledger: inout FindingLedger) throws -> [Int] {
        guard let split = options.split else { return Array(repeating: 0, count: labels.images.count) }
        return try SplitAssignment(split, images: labels.images).parts(
            classes: survey.rows.map { row in row.counts.map { Int($0.index) } }, ledger: &ledger)
    }

    /// Warns of classes that, in a part that is trained on, stay below the number of objects that balancing is to see to, or
    /// above the one that it is to keep to.
    private func noteConflicts(_ forecast: ConversionForecast?, chain: SampleChain, ledger: inout FindingLedger) {
        guard let forecast else { return }
        for (balance, row) in chain.balances.flatMap({ balance in forecast.classes.map { (balance, $0) } }) {
            for part in forecast.trainedParts.sorted() {
                let expected = row.expectedByPart[part]
                let place = options.split == nil ? "" : " in \(forecast.parts[part].name)"
                let count =
                    "class \(row.name) comes up \(ConversionForecast.text(expected)) times an epoch\(place) (\(row.objectsByPart[part]) objects)"
                func warn(_ rule: String, _ message: String) {
                    ledger.note(
                        Finding(
                            rule: rule, severity: .warning,
                            location: DataLocation(path: options.input, keyPath: row.id), message: message))
                }
                if let minimum = balance.minimum, expected < Double(minimum) * (1 - 1e-6) {
                    warn(ConversionRule.fewObjects, "\(count), the minimum asked for is \(minimum)")
                }
                if let cap = balance.cap, expected > Double(cap) * (1 + 1e-6) {
                    warn(
                        ConversionRule.overCap,
                        "\(count), the cap is \(cap): its images hold classes below the cap as well, or below the minimum"
                    )
                }
            }
        }
    }
}
