internal import Annotations
internal import Runtime
internal import Shards

/// One conversion on its way: writes the shards that are not there yet, then the manifests.
struct ConversionRun {
    private let options: ConversionOptions
    private let plan: ConversionPlan
    private let journal: ConversionJournal
    private var layout: ShardLayout { plan.layout }
    /// By position in the layout's shards.
    private var written: [ShardManifest.Shard?]
    /// What was found in each part's images.
    private var ledgers: [FindingLedger]
    /// What each part's stages took in and let out.
    private var counts: [[ShardManifest.StageCount]]
    private var resumedShards = 0

    init(options: ConversionOptions, plan: ConversionPlan, journal: ConversionJournal) {
        self.options = options
        self.plan = plan
        self.journal = journal
        let parts = plan.layout.parts.count
        written = Array(repeating: nil, count: plan.layout.shards.count)
        ledgers = Array(repeating: FindingLedger(), count: parts)
        counts = Array(
            repeating: plan.chain.stages.map { ShardManifest.StageCount(name: $0.name) }, count: parts)
        // What is wrong with the file as a whole is told once, in the first part's manifest.
        ledgers[0].add(plan.ledger)
    }

    /// Drops the images that have no file.
    ///
    /// - Throws: `PipelineError.dropped` under `--on-error fail`.
    private mutating func dropMissingImages() throws {
        for (part, images) in layout.missingImages.enumerated() {
            for image in images {
                var ledger = FindingLedger()
                // The stage finds the same again, and can say why the file cannot be opened.
                _ = try plan.loading.process(image, ledger: &ledger)
                if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw Conversion.failure(drop) }
                ledgers[part].add(ledger)
            }
        }
    }

    mutating func writeShards(progress: (_ done: Int, _ total: Int) -> Void) throws {
        try dropMissingImages()
        var pending: [(shard: Int, image: Int)] = []
        for (index, shard) in layout.shards.enumerated() {
            if let finished = journal.finished(shard.name, in: layout.parts[shard.part].directory) {
                written[index] = finished.shard
                ledgers[shard.part].add(finished.findings)
                counts[shard.part].add(finished.stages)
                resumedShards += 1
            } else {
                pending += shard.images.map { (index, $0) }
            }
        }
        let total = layout.shards.reduce(0) { $0 + $1.images.count }
        var done = total - pending.count
        progress(done, total)
        let encoding = RecordEncoding(classes: plan.classes)
        let conversion = ImageConversion(
            loading: plan.loading, chain: plan.chain,
            repeats: options.writesRepeats ? RepeatWriting(seed: options.seed) : nil,
            turn: FrameTurn(frame: options.targetFrame)
        ) { try encoding.record(of: $0) }
        var open: OpenShard?
        try StageRun(conversion)(pending.map(\.image)) { item, output, ledger in
            if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw Conversion.failure(drop) }
            let index = pending[item].shard
            if open?.index != index {
                if let open { try finish(open) }
                open = try begin(index)
            }
            open?.ledger.add(ledger)
            if let output {
                open?.counts.add(output.counts)
                try open?.writer.append(contentsOf: output.payloads)
            }
            done += 1
            progress(done, total)
        }
        if let open { try finish(open) }
    }

    /// The shard being written.
    private struct OpenShard {
        let index: Int
        let writer: ShardWriter
        var ledger = FindingLedger()
        var counts: [ShardManifest.StageCount] = []
    }

    private func begin(_ index: Int) throws -> OpenShard {
        let shard = layout.shards[index]
        let writer = try ShardWriter(directory: layout.parts[shard.part].directory, name: shard.name)
        return OpenShard(index: index, writer: writer)
    }

    private mutating func finish(_ open: OpenShard) throws {
        let shard = try open.writer.finish()
        try journal.store(shard, findings: open.ledger.counts, stages: open.counts)
        written[open.index] = shard
        ledgers[layout.shards[open.index].part].add(open.ledger)
        counts[layout.shards[open.index].part].add(open.counts)
    }

    mutating func writeManifests(_ record: ConversionRecord) throws -> ConversionSummary {
        guard written.contains(where: { $0?.records.isEmpty == false }) else {
            throw Self.nothingLeft(of: plan, ledgers)
        }
        var parts: [ConversionSummary.Part] = []
        for (index, part) in layout.parts.enumerated() {
            let shards = zip(layout.shards, written).compactMap { $0.part == index ? $1 : nil }
            if shards.isEmpty {
                ledgers[index].note(Self.emptyPart(part.name, input: options.input))
            }
            var manifest = ShardManifest(
                name: part.name, exifPolicy: options.exifPolicy, classes: plan.classes.classes, shards: shards,
                findings: ledgers[index].counts, source: record.source, command: record.command, seed: options.seed)
            manifest.inputs = record.inputs
            let sections = plan.labels.source.sections
            manifest.sections = sections.isEmpty ? nil : String(decoding: sections.objectText, as: UTF8.self)
            manifest.stages = counts[index]
            try manifest.write(to: part.directory)
            parts.append(ConversionSummary.Part(name: part.name, directory: part.directory, manifest: manifest))
        }
        var ledger = FindingLedger()
        for part in ledgers { ledger.add(part) }
        return ConversionSummary(
            parts: parts, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: resumedShards)
    }

    /// The error of a conversion that leaves nothing.
    static func nothingLeft(of plan: ConversionPlan, _ ledgers: [FindingLedger]) -> PipelineError {
        var ledger = FindingLedger()
        for part in ledgers { ledger.add(part) }
        let counts = ledger.counts.filter { $0.isDrop && $0.subject == .image }
        let first = ledger.examples.first { example in counts.contains { $0.rule == example.rule } }
        // What was found before an interruption is known by its counts alone.
        let rules = counts.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
        return PipelineError(
            .noImages,
            "nothing is left to write: all \(plan.labels.images.count) images were left out (\(rules))"
                + (first.map { "; the first: \($0.message)" } ?? ""),
            location: first?.location ?? DataLocation(path: plan.labels.directory))
    }

    /// What is said of a part of the split that got no image.
    static func emptyPart(_ name: String, input: String) -> Finding {
        Finding(
            rule: ConversionRule.splitEmpty, severity: .warning, location: DataLocation(path: input, keyPath: name),
            message: "the part \"\(name)\" of the split has no image")
    }
}
