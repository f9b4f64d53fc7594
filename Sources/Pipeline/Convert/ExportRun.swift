internal import Annotations
internal import Runtime
internal import Shards

/// One conversion to another label format on its way: sends all images through the stages, and hands them to the formats'
/// writers in order, one writer for each part of the split.
struct ExportRun {
    private let options: ConversionOptions
    private let plan: ConversionPlan
    private let record: ConversionRecord
    private var parts: [Part] = []
    private var numbering: SampleNumbering?
    private let writeIndex: Conversion.IndexWriter?

    /// One set on its way.
    private struct Part {
        var writer: any LabelWriter
        var losses: LossFile
        var renames: RenameFile
        var ledger = FindingLedger()
        var counts: [ShardManifest.StageCount]
        var images = 0
        var objects = 0
    }

    init(
        options: ConversionOptions, plan: ConversionPlan, record: ConversionRecord, makeWriter: Conversion.WriterMaker,
        writeIndex: Conversion.IndexWriter? = nil
    ) throws {
        self.writeIndex = writeIndex
        self.options = options
        self.plan = plan
        self.record = record
        // Readers of label formats want numbers, each once.
        if plan.chain.multiplies || options.writesRepeats { numbering = SampleNumbering() }
        let counts = plan.chain.stages.map { ShardManifest.StageCount(name: $0.name) }
        for part in plan.layout.parts {
            parts.append(
                Part(
                    writer: try makeWriter(plan.categories, part.directory),
                    losses: LossFile(directory: part.directory), renames: RenameFile(directory: part.directory),
                    counts: counts))
        }
        parts[0].ledger.add(plan.ledger)
    }

    mutating func writeImages(progress: (_ done: Int, _ total: Int) -> Void) throws {
        let conversion = ImageConversion(
            loading: plan.loading, chain: plan.chain,
            repeats: options.writesRepeats ? RepeatWriting(seed: options.seed) : nil,
            turn: FrameTurn(frame: options.targetFrame)
        ) { try $0.finished() }
        let total = plan.labels.images.count
        try StageRun(conversion)(Array(0..<total)) { index, output, ledger in
            if options.dropPolicy == .fail, let drop = ledger.firstDrop { throw Conversion.failure(drop) }
            let part = plan.layout.partOfImage[index]
            parts[part].ledger.add(ledger)
            if let output {
                parts[part].counts.add(output.counts)
                for image in output.payloads { try write(image, part: part) }
            }
            progress(index + 1, total)
        }
    }

    private mutating func write(_ image: LabelledImage, part: Int) throws {
        var image = image
        numbering?.number(&image)
        parts[part].images += 1
        let losses = try parts[part].writer.write(image)
        parts[part].objects += image.objects.count - losses.count { $0.kind == .object }
        try parts[part].losses.add(losses)
        for rename in parts[part].writer.takeRenames() {
            try parts[part].renames.add(rename)
            note(rename, of: image.image, part: part)
        }
    }

    private mutating func note(_ rename: LabelRename, of image: COCOImage, part: Int) {
        let isImage = rename.subject == .image
        let location =
            isImage ? image.location : DataLocation(path: options.input, keyPath: rename.id.description)
        parts[part].ledger.note(
            Finding(
                rule: ConversionRule.renamed, severity: .note, location: location,
                message: "\(isImage ? "" : "class ")\(rename.from) is written as \(rename.to)"))
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
            try parts[index].renames.finish()
        }
        if options.split != nil { try writeIndex?(plan.categories, plan.layout.parts.map(\.name), options.output) }
        // The many files of a set are waited for together; then there is something to put on record.
        try FileSystem.synchronise(options.output)
        for (index, place) in plan.layout.parts.enumerated() {
            let part = parts[index]
            let summary = ConversionSummary.Part(
                name: place.name, directory: place.directory, images: part.images, objects: part.objects,
                stages: part.counts)
            try record.write(summary, findings: part.ledger.counts, losses: part.losses.counts, seed: options.seed)
            summaries.append(summary)
            ledger.add(part.ledger)
            losses.merge(part.losses.counts) { $0 + $1 }
        }
        return ConversionSummary(
            parts: summaries, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: 0, losses: losses)
    }
}
