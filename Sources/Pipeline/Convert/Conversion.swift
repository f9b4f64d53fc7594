package import Annotations
internal import Runtime
internal import Shards

/// Makes shards, or a set of labels in another format, of a source of labels and its images.
///
/// The labels' table is read first; then images are read, their annotations turned into masks, sent through the stages
/// and encoded, all on every thread, and written in the order of the source. The bytes do not depend on the number of
/// threads.
package struct Conversion {
    /// Makes the writer of a target format, for one part of a split.
    package typealias WriterMaker = (
        _ categories: [COCOCategory], _ directory: String
    ) throws -> any LabelWriter

    /// Writes what stands above the parts of a split and leads to all of them, and answers with its name.
    package typealias IndexWriter = (
        _ categories: [COCOCategory], _ parts: [String], _ output: String
    ) throws -> String

    let options: ConversionOptions
    private let open: () throws -> any LabelSource
    private let makeWriter: WriterMaker?
    private let writeIndex: IndexWriter?

    /// - Parameters:
    ///   - makeWriter: nil for shards.
    ///   - writeIndex: called once when a split was written in a format that has something above the parts.
    ///   - open: opens the source.
    package init(
        _ options: ConversionOptions, makeWriter: WriterMaker? = nil, writeIndex: IndexWriter? = nil,
        open: @escaping () throws -> any LabelSource
    ) {
        self.writeIndex = writeIndex
        self.options = options
        self.makeWriter = makeWriter
        self.open = open
    }

    /// Converts.
    ///
    /// - Parameters:
    ///   - forecast: told the counts to be expected before anything is written, where there is reason to ask for them:
    ///     a split, or stages. A nil closure saves the reading that it takes, as far as nothing else needs it.
    ///   - progress: told the images done and their number, on this thread.
    /// - Throws: `PipelineError`, `ShardError`, `FileError`, and what the source throws. What was written before is kept,
    ///   and a conversion with ``ConversionOptions/ExistingOutput/resume`` goes on after it.
    package func run(
        forecast: ((ConversionForecast) -> Void)? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> ConversionSummary {
        let output = OutputDirectory(path: options.output)
        try checkTarget()
        try output.check(options.existingOutput)
        let labels = try openLabels()
        try checkRepeats(labels)
        if options.dropPolicy == .fail, let drop = labels.ledger.firstDrop { throw Self.failure(drop) }
        let planner = ConversionPlanner(options: options, labels: labels)
        let plan = try planner.plan(forForecast: forecast != nil)
        if let forecast, let counts = plan.forecast { forecast(counts) }
        let record = ConversionRecord(
            command: options.command, source: try SourceDigest.source(options.input),
            inputs: try plan.inputs.map(SourceDigest.source))
        let journal = ConversionJournal(
            output: options.output, fingerprint: ConversionJournal.fingerprint(record, plan: plan))
        let before = try output.names()
        let earlier = try FileList.Earlier(
            output: options.output, reads: [options.input, options.images] + plan.inputs)
        switch options.existingOutput {
        case .refuse: break
        case .replace:
            if makeWriter == nil { try output.refuseOthers(plan.layout) }
            try output.removeShards(for: makeWriter == nil ? plan.layout : nil)
            try output.removeTemporaryFiles(ofAnyName: makeWriter != nil)
        case .resume:
            if let summary = try finishedBefore(journal, record: record, plan: plan) { return summary }
            if makeWriter == nil { try output.refuseOthers(plan.layout) }
            try output.removeTemporaryFiles(ofAnyName: makeWriter != nil)
        }
        try output.create(plan.layout.parts)
        try journal.begin()
        if let split = options.split {
            // For conversions of more images to come, which --split-file lets keep these where they are.
            let text = SplitFile.text(
                parts: split.parts.map(\.name), images: labels.images, partOfImage: plan.layout.partOfImage)
            try AtomicFileWriter.write(text, to: FileSystem.join(options.output, SplitFile.name))
        }
        let summary: ConversionSummary
        do {
            summary = try write(plan, record: record, journal: journal, earlier: earlier, progress: progress)
        } catch let error as PipelineError where error.code == .noImages {
            // A set of nothing is of no use, and in the way of the next attempt.
            try output.removeFailure(before: before)
            throw error
        }
        try journal.remove()
        return summary
    }

    private func write(
        _ plan: ConversionPlan, record: ConversionRecord, journal: ConversionJournal, earlier: FileList.Earlier,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> ConversionSummary {
        if let makeWriter {
            var run = try ExportRun(
                options: options, plan: plan, record: record, journal: journal, earlier: earlier,
                makeWriter: makeWriter,
                writeIndex: writeIndex)
            try run.writeImages(progress: progress)
            return try run.finish()
        }
        var run = ConversionRun(options: options, plan: plan, journal: journal)
        try run.writeShards(progress: progress)
        let summary = try run.writeManifests(record)
        try FileList.removeAll(in: options.output, earlier, besides: options.split == nil ? [] : [SplitFile.name])
        return summary
    }

    /// What ``run(forecast:progress:)`` would do, with the counts to be expected; nothing is written.
    package func dryRun(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> ConversionPlanSummary {
        try checkTarget()
        try OutputDirectory(path: options.output).check(options.existingOutput)
        let labels = try openLabels()
        try checkRepeats(labels)
        let plan = try ConversionPlanner(options: options, labels: labels).plan(
            forForecast: true, thoroughly: true, progress: progress)
        guard let forecast = plan.forecast else {
            preconditionFailure("a plan without the forecast that was asked for")
        }
        return ConversionPlanSummary(
            command: options.command, target: options.target, listedImages: labels.listedImages,
            stages: plan.chain.stages.map { StagePlan(name: $0.name, summary: $0.summary) },
            counts: plan.surveyCounts, forecast: forecast, ledger: plan.surveyLedger,
            shards: makeWriter == nil ? plan.layout.shards.count : nil)
    }

    /// - Throws: `PipelineError.stage` when repeats are to be written, and neither the labels nor a stage have any.
    private func checkRepeats(_ labels: LabelSet) throws {
        guard options.writesRepeats, options.chain.balance == nil, !labels.source.statesRepeats else { return }
        throw PipelineError(
            .stage,
            "--write-repeats writes images as often as balance wants them, and nothing balances: it needs --balance, --min-per-class, --max-per-class, a stage \(BalanceStage.name), or shards that were balanced"
        )
    }

    /// - Throws: `PipelineError.stage` when the target has no place for what a stage says.
    private func checkTarget() throws {
        guard makeWriter != nil, !options.writesRepeats, options.chain.stages.contains(where: { $0 is BalanceStage })
        else { return }
        throw PipelineError(
            .stage,
            "\(options.target) cannot say how often an image is to come up, as balance does; --write-repeats writes it so often"
        )
    }

    func openLabels() throws -> LabelSet {
        let labels = LabelSet(
            try open(), directory: options.images, allowsOutside: options.takesOutsideImages,
            more: UnfinishedSet.findings(options.input, output: options.output))
        guard !labels.images.isEmpty else {
            throw PipelineError(
                .noImages, "the labels list no image that can be used", location: DataLocation(path: options.input))
        }
        guard try labels.source.encodedImageBytes(at: 0) == nil else { return labels }
        // Without --images nothing was promised; the planner says where images were looked for.
        guard options.imagePlaces.isEmpty else { return labels }
        guard FileSystem.exists(options.images) else {
            throw PipelineError(
                .missing, "--images: no such directory", location: DataLocation(path: options.images))
        }
        guard FileSystem.isDirectory(options.images) else {
            throw PipelineError(.missing, "--images: is not a directory", location: DataLocation(path: options.images))
        }
        return labels
    }

    /// What `--resume` finds done already, or nil when there is something left to do.
    ///
    /// - Throws: `PipelineError.otherRun` when what is there was made of other input or with other options.
    private func finishedBefore(
        _ journal: ConversionJournal, record: ConversionRecord, plan: ConversionPlan
    ) throws -> ConversionSummary? {
        if journal.exists { return nil }
        func otherRun(_ what: String) -> PipelineError {
            PipelineError(
                .otherRun, "cannot resume: \(what) was made of other input or with other options; --force begins anew",
                location: DataLocation(path: options.output))
        }
        guard try ConversionJournal.names(in: options.output).isEmpty else {
            throw otherRun("the unfinished conversion")
        }
        var parts: [ConversionSummary.Part] = []
        for part in plan.layout.parts {
            guard makeWriter == nil else {
                // Labels are written again: the bytes are the same, and what was damaged since is repaired.
                guard try ConversionRecord.agrees(record, in: part.directory) else {
                    throw otherRun(FileSystem.join(part.directory, ConversionRecord.fileName))
                }
                continue
            }
            let path = FileSystem.join(part.directory, ShardManifest.fileName)
            guard FileSystem.exists(path) else { continue }
            let manifest = try ShardManifest(path: path)
            guard manifest.command == record.command, manifest.source == record.source,
                manifest.inputs == record.inputs
            else { throw otherRun(path) }
            for shard in manifest.shards where (try? ConversionJournal.verify(shard, in: part.directory)) != true {
                throw PipelineError(
                    .otherRun, "cannot resume: \(shard.file) is not what its manifest says; --force begins anew",
                    location: DataLocation(path: part.directory))
            }
            parts.append(ConversionSummary.Part(name: part.name, directory: part.directory, manifest: manifest))
        }
        if parts.isEmpty { return nil }
        guard parts.count == plan.layout.parts.count else { throw otherRun("a part of the split") }
        var ledger = FindingLedger()
        for part in parts { ledger.add(part.manifest.findings) }
        return ConversionSummary(
            parts: parts, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: [],
            resumedShards: plan.layout.shards.count)
    }

    static func failure(_ drop: Finding) -> PipelineError {
        PipelineError(
            .dropped, "\(drop.message) [\(drop.rule)]; --on-error fail stops at the first", location: drop.location)
    }
}
