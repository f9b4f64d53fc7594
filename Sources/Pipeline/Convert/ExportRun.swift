internal import Annotations
internal import Runtime
internal import Shards

/// One conversion to another label format on its way: sends all images through the stages, and hands them to the formats'
/// writers in order, one writer for each part of the split. Where the format has files for each image alone, a journal notes
/// batches of images that are in place, which a conversion that goes on need not write again.
struct ExportRun {
    private let options: ConversionOptions
    private let plan: ConversionPlan
    private let record: ConversionRecord
    private let journal: ConversionJournal
    private var parts: [Part] = []
    private var numbering: SampleNumbering?
    /// Images since the last note in the journal; nil where nothing is noted.
    private var batch: ExportBatch?
    /// Images that were in place already.
    private var resumedImages = 0

    /// Images between two notes in the journal.
    private static let batchImages = 16

    /// One set on its way.
    private struct Part {
        var writer: any LabelWriter
        var losses: LossFile
        var ledger = FindingLedger()
        var counts: [ShardManifest.StageCount]
        var images = 0
        var objects = 0
    }

    init(
        options: ConversionOptions, plan: ConversionPlan, record: ConversionRecord, journal: ConversionJournal,
        makeWriter: Conversion.WriterMaker
    ) throws {
        self.options = options
        self.plan = plan
        self.record = record
        self.journal = journal
        // Readers of label formats want numbers, each once.
        if plan.chain.multiplies || options.writesRepeats { numbering = SampleNumbering() }
        let counts = plan.chain.stages.map { ShardManifest.StageCount(name: $0.name) }
        for part in plan.layout.parts {
            parts.append(
                Part(
                    writer: try makeWriter(plan.categories, part.directory),
                    losses: LossFile(directory: part.directory), counts: counts))
        }
        parts[0].ledger.add(plan.ledger)
        let isResumable = parts.allSatisfy { ($0.writer as? any ResumableLabelWriter)?.isResumable ?? false }
        if isResumable { try resume() }
    }

    /// Takes over what an interrupted conversion has left.
    private mutating func resume() throws {
        for batch in journal.batches(
            in: plan.layout.parts.map(\.directory), limit: plan.labels.images.count,
            stageCount: plan.chain.stages.count)
        {
            for (number, part) in batch.parts.enumerated() {
                parts[number].ledger.add(part.findings)
                parts[number].counts.add(part.stages)
                parts[number].images += part.written.count
                parts[number].objects += part.objects
                try parts[number].losses.add(part.losses)
                guard var writer = parts[number].writer as? any ResumableLabelWriter else { continue }
                for image in part.written { try writer.resume(image) }
                parts[number].writer = writer
                numbering?.skip(images: part.written.count, annotations: part.objects)
            }
            resumedImages = batch.images.upperBound
        }
        batch = emptyBatch(from: resumedImages)
    }

    private func emptyBatch(from first: Int) -> ExportBatch {
        ExportBatch(
            images: first..<first, parts: Array(repeating: ExportBatch.Part(), count: plan.layout.parts.count))
    }

    mutating func writeImages(progress: (_ done: Int, _ total: Int) -> Void) throws {
        let conversion = ImageConversion(
            loading: plan.loading, chain: plan.chain,
            repeats: options.writesRepeats ? RepeatWriting(seed: options.seed) : nil
        ) { try $0.finished() }
        let total = plan.labels.images.count
        let first = resumedImages
        if first > 0 { progress(first, total) }
        try StageRun(conversion)(Array(first..<total)) { item, output, ledger in
            let index = first + item
            if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw Conversion.failure(drop) }
            let part = plan.layout.partOfImage[index]
            parts[part].ledger.add(ledger)
            batch?.parts[part].ledger.add(ledger)
            if let output {
                parts[part].counts.add(output.counts)
                batch?.parts[part].stages.add(output.counts)
                for image in output.payloads { try write(image, part: part) }
            }
            try note(index, isLast: index + 1 == total)
            progress(index + 1, total)
        }
    }

    /// Notes that an image is done, and where a batch is full, that its files are in place.
    private mutating func note(_ index: Int, isLast: Bool) throws {
        guard var batch else { return }
        batch.images = batch.images.lowerBound..<index + 1
        guard isLast || batch.images.count >= Self.batchImages else {
            self.batch = batch
            return
        }
        try journal.store(batch)
        self.batch = emptyBatch(from: index + 1)
    }

    private mutating func write(_ image: LabelledImage, part: Int) throws {
        var image = image
        numbering?.number(&image)
        parts[part].images += 1
        parts[part].objects += image.objects.count
        let losses = try parts[part].writer.write(image)
        try parts[part].losses.add(losses)
        guard batch != nil, let writer = parts[part].writer as? any ResumableLabelWriter else { return }
        batch?.parts[part].written.append(writer.lastWritten)
        batch?.parts[part].objects += image.objects.count
        batch?.parts[part].losses += losses
    }

    mutating func finish() throws -> ConversionSummary {
        guard parts.contains(where: { $0.images > 0 }) else {
            throw ConversionRun.nothingLeft(of: plan, parts.map(\.ledger))
        }
        var summaries: [ConversionSummary.Part] = []
        var ledger = FindingLedger()
        var losses: [ObjectLoss.Kind: Int] = [:]
        for (index, place) in plan.layout.parts.enumerated() {
            if parts[index].images == 0 {
                parts[index].ledger.note(ConversionRun.emptyPart(place.name, input: options.input))
            }
            try parts[index].writer.finish()
            try parts[index].losses.finish()
            let part = parts[index]
            let summary = ConversionSummary.Part(
                name: place.name, directory: place.directory, images: part.images, objects: part.objects,
                stages: part.counts)
            try record.write(summary, findings: part.ledger.counts, losses: part.losses.counts, seed: options.seed)
            summaries.append(summary)
            ledger.add(part.ledger)
            losses.merge(part.losses.counts) { $0 + $1 }
        }
        var summary = ConversionSummary(
            parts: summaries, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: 0, losses: losses)
        summary.resumedImages = resumedImages
        return summary
    }
}
