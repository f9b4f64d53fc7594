internal import Annotations
internal import Runtime
internal import Shards

/// One conversion to another label format on its way: sends all images through the stages, and hands them to the formats'
/// writers in order, one writer for each part of the split. Where the format has files for each image alone, a journal notes
/// batches of images that are in place, which a conversion that goes on need not write again.
struct ExportRun {
    let options: ConversionOptions
    let plan: ConversionPlan
    private let record: ConversionRecord
    private let journal: ConversionJournal
    var parts: [Part] = []
    private var numbering: SampleNumbering?
    /// Images since the last note in the journal; nil where nothing is noted.
    var batch: ExportBatch?
    /// Images that were in place already.
    private var resumedImages = 0
    private let writeIndex: Conversion.IndexWriter?
    var places = MemberPlaces()
    var files: FileList

    /// Images between two notes in the journal.
    private static let batchImages = 16

    /// One set on its way.
    struct Part {
        var writer: any LabelWriter
        var losses: LossFile
        var renames: RenameFile
        /// Names of classes that were changed when the writer was made, until its first image is written.
        var classRenames: [LabelRename] = []
        /// Files that are to be listed when the batch is whole, part after part, as a conversion that goes on lists them.
        var files: [String] = []
        var ledger = FindingLedger()
        var counts: [ShardManifest.StageCount]
        var images = 0
        var objects = 0
    }

    init(
        options: ConversionOptions, plan: ConversionPlan, record: ConversionRecord, journal: ConversionJournal,
        earlier: FileList.Earlier, makeWriter: Conversion.WriterMaker, writeIndex: Conversion.IndexWriter? = nil
    ) throws {
        self.writeIndex = writeIndex
        files = try FileList(
            output: options.output, earlier: earlier, replaces: options.existingOutput == .replace)
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
                    losses: LossFile(directory: part.directory), renames: RenameFile(directory: part.directory),
                    counts: counts))
        }
        parts[0].ledger.add(plan.ledger)
        places = parts[0].writer.memberPlaces
        for finding in unplacedOfSet() { parts[0].ledger.note(finding) }
        for number in parts.indices { parts[number].classRenames = takeFiles(part: number) }
        try listFiles()
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
                for rename in part.renames { try parts[number].renames.add(rename) }
                guard var writer = parts[number].writer as? any ResumableLabelWriter else { continue }
                for image in part.written {
                    try writer.resume(image)
                    for file in image.files { try files.add(file.path, in: folder(ofPart: number)) }
                }
                parts[number].writer = writer
                if !part.written.isEmpty { parts[number].classRenames = [] }
                numbering?.skip(images: part.written.count, annotations: part.annotations)
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
            repeats: options.writesRepeats ? RepeatWriting(seed: options.seed) : nil,
            turn: FrameTurn(frame: options.targetFrame)
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
        guard var batch else { return try listFiles() }
        batch.images = batch.images.lowerBound..<index + 1
        guard isLast || batch.images.count >= Self.batchImages else {
            self.batch = batch
            return
        }
        try listFiles()
        try journal.store(batch)
        self.batch = emptyBatch(from: index + 1)
    }

    private mutating func write(_ image: LabelledImage, part: Int) throws {
        var image = image
        numbering?.number(&image)
        parts[part].images += 1
        let losses = try parts[part].writer.write(image) + unplaced(image, part: part)
        let objects = image.objects.count - losses.count { $0.kind == .object }
        parts[part].objects += objects
        try parts[part].losses.add(losses)
        let renames = try takeNotes(part: part)
        for rename in renames { note(rename, of: image.image, part: part) }
        guard batch != nil, let writer = parts[part].writer as? any ResumableLabelWriter else { return }
        batch?.parts[part].written.append(writer.lastWritten)
        batch?.parts[part].annotations += image.objects.count
        batch?.parts[part].objects += objects
        batch?.parts[part].losses += losses
        batch?.parts[part].renames += renames
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
            for rename in try takeNotes(part: index) { note(rename, of: nil, part: index) }
            try parts[index].renames.finish()
            try listFiles()
            for name in [ConversionRecord.fileName, LossFile.fileName, RenameFile.fileName] {
                try files.add(name, in: folder(ofPart: index))
            }
        }
        if options.split != nil, let writeIndex {
            let name = try writeIndex(plan.categories, plan.layout.parts.map(\.name), options.output)
            try files.add(name, in: "")
        }
        if options.split != nil { try files.add(SplitFile.name, in: "") }
        // The many files of a set are waited for together; then there is something to put on record.
        try FileSystem.synchronise(options.output)
        noteOthers(try files.finish())
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
        var summary = ConversionSummary(
            parts: summaries, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: 0, losses: losses)
        summary.resumedImages = resumedImages
        return summary
    }
}
