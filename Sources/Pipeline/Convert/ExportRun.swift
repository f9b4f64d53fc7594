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
    private let writeIndex: Conversion.IndexWriter?
    private var places = MemberPlaces()

    /// Images between two notes in the journal.
    private static let batchImages = 16

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
        options: ConversionOptions, plan: ConversionPlan, record: ConversionRecord, journal: ConversionJournal,
        makeWriter: Conversion.WriterMaker, writeIndex: Conversion.IndexWriter? = nil
    ) throws {
        self.writeIndex = writeIndex
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
                for image in part.written { try writer.resume(image) }
                parts[number].writer = writer
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
        let losses = try parts[part].writer.write(image) + unplaced(image, part: part)
        let objects = image.objects.count - losses.count { $0.kind == .object }
        parts[part].objects += objects
        try parts[part].losses.add(losses)
        let renames = parts[part].writer.takeRenames()
        for rename in renames {
            try parts[part].renames.add(rename)
            note(rename, of: image.image, part: part)
        }
        guard batch != nil, let writer = parts[part].writer as? any ResumableLabelWriter else { return }
        batch?.parts[part].written.append(writer.lastWritten)
        batch?.parts[part].annotations += image.objects.count
        batch?.parts[part].objects += objects
        batch?.parts[part].losses += losses
        batch?.parts[part].renames += renames
    }

    /// The members of an image's objects for which the target has no place; those of the image itself are noted.
    private mutating func unplaced(_ image: LabelledImage, part: Int) -> [ObjectLoss] {
        let names = places.lost(of: image.image.extra, .image)
        if !names.isEmpty {
            let finding = noPlace(for: names, "the image", at: image.image.location)
            parts[part].ledger.note(finding)
            batch?.parts[part].ledger.note(finding)
        }
        return image.objects.compactMap { object in
            let names = places.lost(of: object.annotation.extra, .object)
            return names.isEmpty
                ? nil
                : ObjectLoss(
                    imageID: image.image.id, annotationID: object.annotation.id, kind: .members, overlap: 1,
                    names: names)
        }
    }

    /// Likewise of the categories, and of the set as a whole.
    private func unplacedOfSet() -> [Finding] {
        var findings: [Finding] = []
        for category in plan.categories {
            let names = places.lost(of: category.extra, .category)
            if names.isEmpty { continue }
            let location = DataLocation(path: options.input, keyPath: category.id.description)
            findings.append(noPlace(for: names, "class \(category.name)", at: location))
        }
        let names = places.lost(of: plan.labels.source.sections, .set)
        if !names.isEmpty {
            findings.append(noPlace(for: names, "the set", at: DataLocation(path: options.input)))
        }
        return findings
    }

    private func noPlace(for names: [String], _ subject: String, at location: DataLocation) -> Finding {
        Finding(
            rule: ConversionRule.membersLost, severity: .note, location: location,
            message:
                "\(options.target) has no place for what is said of \(subject) besides: \(names.joined(separator: ", "))"
        )
    }

    private mutating func note(_ rename: LabelRename, of image: COCOImage, part: Int) {
        let isImage = rename.subject == .image
        let location =
            isImage ? image.location : DataLocation(path: options.input, keyPath: rename.id.description)
        let finding = Finding(
            rule: ConversionRule.renamed, severity: .note, location: location,
            message: "\(isImage ? "" : "class ")\(rename.from) is written as \(rename.to)")
        parts[part].ledger.note(finding)
        batch?.parts[part].ledger.note(finding)
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
        var summary = ConversionSummary(
            parts: summaries, listedImages: plan.labels.listedImages, counts: ledger.counts, examples: ledger.examples,
            resumedShards: 0, losses: losses)
        summary.resumedImages = resumedImages
        return summary
    }
}
