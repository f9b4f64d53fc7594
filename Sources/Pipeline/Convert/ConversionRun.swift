internal import Runtime
internal import Shards

/// One conversion on its way: writes the shards that are not there yet, then the manifests.
struct ConversionRun {
    private let options: ConversionOptions
    private let labels: LabelFile
    private let table: LabelTable
    private let layout: ShardLayout
    private let journal: ConversionJournal
    /// By position in the layout's shards.
    private var written: [ShardManifest.Shard?]
    /// What was found in each part's images.
    private var ledgers: [FindingLedger]
    private var resumedShards = 0

    init(
        options: ConversionOptions, labels: LabelFile, table: LabelTable, layout: ShardLayout,
        journal: ConversionJournal
    ) {
        self.options = options
        self.labels = labels
        self.table = table
        self.layout = layout
        self.journal = journal
        written = Array(repeating: nil, count: layout.shards.count)
        ledgers = Array(repeating: FindingLedger(), count: layout.parts.count)
        // What is wrong with the file as a whole is told once, in the first part's manifest.
        ledgers[0].add(table.ledger)
    }

    /// Drops the images that have no file.
    ///
    /// - Throws: `PipelineError.dropped` under `--on-error fail`.
    mutating func dropMissingImages(_ stage: ImageReading) throws {
        for (part, images) in layout.missingImages.enumerated() {
            for image in images {
                var ledger = FindingLedger()
                // The stage finds the same again, and can say why the file cannot be opened.
                _ = try stage.process(table.images[image], ledger: &ledger)
                if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw COCOConversion.failure(drop) }
                ledgers[part].add(ledger)
            }
        }
    }

    mutating func writeShards(progress: (_ done: Int, _ total: Int) -> Void) throws {
        let reading = ImageReading(
            directory: options.images, exifPolicy: options.exifPolicy, decodes: options.decodesImages)
        try dropMissingImages(reading)
        var pending: [(shard: Int, image: Int)] = []
        for (index, shard) in layout.shards.enumerated() {
            if let finished = journal.finished(shard.name, in: layout.parts[shard.part].directory) {
                written[index] = finished.shard
                ledgers[shard.part].add(finished.findings)
                resumedShards += 1
            } else {
                pending += shard.images.map { (index, $0) }
            }
        }
        let total = layout.shards.reduce(0) { $0 + $1.images.count }
        var done = total - pending.count
        progress(done, total)
        let stages = reading.then(Rasterising(labels: labels, table: table, ringRule: options.ringRule)).then(
            RecordEncoding())
        var open: OpenShard?
        try StageRun(stages)(pending.map { table.images[$0.image] }) { item, record, ledger in
            if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw COCOConversion.failure(drop) }
            let index = pending[item].shard
            if open?.index != index {
                if let open { try finish(open) }
                open = try begin(index)
            }
            open?.ledger.add(ledger)
            if let record { try open?.writer.append(record) }
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
    }

    private func begin(_ index: Int) throws -> OpenShard {
        let shard = layout.shards[index]
        let writer = try ShardWriter(directory: layout.parts[shard.part].directory, name: shard.name)
        return OpenShard(index: index, writer: writer)
    }

    private mutating func finish(_ open: OpenShard) throws {
        let shard = try open.writer.finish()
        try journal.store(shard, findings: open.ledger.counts)
        written[open.index] = shard
        ledgers[layout.shards[open.index].part].add(open.ledger)
    }

    mutating func writeManifests(source: ShardManifest.Source) throws -> ConversionSummary {
        guard written.contains(where: { $0?.records.isEmpty == false }) else {
            var ledger = FindingLedger()
            for part in ledgers { ledger.add(part) }
            throw PipelineError(
                .noImages,
                "all \(table.images.count) images were dropped, the first because: \(ledger.firstDrop?.message ?? "")",
                location: ledger.firstDrop?.location)
        }
        var parts: [ConversionSummary.Part] = []
        for (index, part) in layout.parts.enumerated() {
            let shards = zip(layout.shards, written).compactMap { $0.part == index ? $1 : nil }
            if shards.isEmpty {
                ledgers[index].note(
                    Finding(
                        rule: ConversionRule.splitEmpty, severity: .warning,
                        location: DataLocation(path: options.input, keyPath: part.name),
                        message: "the part \"\(part.name)\" of the split has no image"))
            }
            let manifest = ShardManifest(
                name: part.name, exifPolicy: options.exifPolicy, classes: table.classes, shards: shards,
                findings: ledgers[index].counts, source: source, command: options.command, seed: options.seed)
            try manifest.write(to: part.directory)
            parts.append(ConversionSummary.Part(name: part.name, directory: part.directory, manifest: manifest))
        }
        var ledger = FindingLedger()
        for part in ledgers { ledger.add(part) }
        return ConversionSummary(
            parts: parts, listedImages: table.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: resumedShards)
    }
}
