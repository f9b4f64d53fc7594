private import Foundation
internal import Runtime
private import Shards

/// Makes shards of a COCO file and its images.
///
/// The labels are read in one pass that keeps where each annotation stands; then images are read, their annotations
/// read again from those places and turned into masks, and records encoded, all on every thread, and written in the
/// order of the file. The bytes do not depend on the number of threads.
package struct COCOConversion {
    private let options: ConversionOptions

    package init(_ options: ConversionOptions) { self.options = options }

    /// - Parameter progress: told the images done and their number, on this thread.
    /// - Throws: `PipelineError`, `ShardError`, and what reading the labels throws. Shards written before are kept, and
    ///   a conversion with ``ConversionOptions/ExistingOutput/resume`` goes on after them.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> ConversionSummary {
        let output = OutputDirectory(path: options.output)
        try checkInputs()
        try output.check(options.existingOutput)
        let labels = try LabelFile(path: options.input)
        let table = try LabelTableBuilder.read(path: options.input)
        if options.dropPolicy == .fail, let drop = table.ledger.firstDrop { throw Self.failure(drop) }
        let layout = ShardLayout(table, options: options)
        try checkImages(table, layout)
        let source = ShardManifest.Source(path: options.input, bytes: labels.byteCount, sha256: labels.digest())
        let journal = ConversionJournal(
            output: options.output,
            fingerprint: ConversionJournal.fingerprint(options, source: source, table: table, layout: layout))
        try output.create(layout.parts)
        switch options.existingOutput {
        case .refuse: break
        case .replace: try output.removeShards()
        case .resume:
            if let summary = try finishedBefore(journal, source: source, table: table, layout: layout) {
                return summary
            }
            try output.removeTemporaryFiles()
        }
        try journal.begin()
        var run = ConversionRun(options: options, labels: labels, table: table, layout: layout, journal: journal)
        try run.writeShards(progress: progress)
        let summary = try run.writeManifests(source: source)
        try journal.remove()
        return summary
    }

    private func checkInputs() throws {
        guard FileSystem.exists(options.images) else {
            throw PipelineError(
                .missing, "--images: no such directory", location: DataLocation(path: options.images))
        }
        guard FileSystem.isDirectory(options.images) else {
            throw PipelineError(.missing, "--images: is not a directory", location: DataLocation(path: options.images))
        }
    }

    private func checkImages(_ table: LabelTable, _ layout: ShardLayout) throws {
        guard let first = table.images.first else {
            throw PipelineError(
                .noImages, "the labels list no image that can be used", location: DataLocation(path: options.input))
        }
        guard layout.files.contains(where: { $0.bytes != nil }) else {
            throw PipelineError(
                .missing,
                "none of the \(table.images.count) images is there; the first would be \(FileSystem.join(options.images, first.fileName)). Is --images the directory that file names are relative to?",
                location: DataLocation(path: options.images))
        }
    }

    /// What `--resume` finds done already, or nil when there is something left to do.
    ///
    /// - Throws: `PipelineError.otherRun` when what is there was made of other input or with other options.
    private func finishedBefore(
        _ journal: ConversionJournal, source: ShardManifest.Source, table: LabelTable, layout: ShardLayout
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
        for part in layout.parts {
            let path = FileSystem.join(part.directory, ShardManifest.fileName)
            guard FileSystem.exists(path) else { continue }
            let manifest = try ShardManifest(path: path)
            guard manifest.command == options.command, manifest.source == source else { throw otherRun(path) }
            for shard in manifest.shards where (try? ConversionJournal.verify(shard, in: part.directory)) != true {
                throw PipelineError(
                    .otherRun, "cannot resume: \(shard.file) is not what its manifest says; --force begins anew",
                    location: DataLocation(path: part.directory))
            }
            parts.append(ConversionSummary.Part(name: part.name, directory: part.directory, manifest: manifest))
        }
        if parts.isEmpty { return nil }
        guard parts.count == layout.parts.count else { throw otherRun("a part of the split") }
        var ledger = FindingLedger()
        for part in parts { ledger.add(part.manifest.findings) }
        return ConversionSummary(
            parts: parts, listedImages: table.listedImages, counts: ledger.counts, examples: [],
            resumedShards: layout.shards.count)
    }

    static func failure(_ drop: Finding) -> PipelineError {
        PipelineError(
            .dropped, "\(drop.message) [\(drop.rule)]; --on-error fail stops at the first", location: drop.location)
    }
}
