internal import Annotations
package import ArgumentParser
private import Foundation
internal import Pipeline
package import Runtime

/// `samdata convert masks`: a folder of images with masks to a COCO file, or on to shards.
package struct ConvertMasksCommand: ParsableCommand {
    /// What is written.
    package enum Target: String, CaseIterable, Sendable, ExpressibleByArgument {
        case coco
        case shards
    }

    package static let configuration = CommandConfiguration(
        commandName: "masks",
        abstract: "Make a COCO file, or shards, of images with mask files.",
        discussion: """
            Known layouts: ID/images/*.png with ID/masks/*.png, one mask per object (2018 Data Science Bowl); and \
            images/NAME.* with masks/NAME.png, one map per image in which each object has its own value or colour.

            Objects are written as polygons where the COCO rasteriser gives exactly the mask again, as compressed run \
            lengths where it does not. Ids follow the names, so the same folder gives the same file.

            The output is a file when it ends in .json; file names in it are relative to the input. Otherwise it is a \
            directory: the labels go to annotations.json, and the images are copied to images. With --to shards the \
            labels are kept beside the shards, in <output>.coco.json.

            Example:
              samdata convert masks stage1_train --category nucleus -o samples/nuclei
            """)

    @Argument(help: ArgumentHelp("Folder of images and masks.", valueName: "input"))
    package var input: String

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("COCO file (.json), or directory.", valueName: "path"))
    package var output: String

    @Option(help: "What to write: coco, or shards.")
    package var to: Target = .coco

    @Option(help: ArgumentHelp("Name of the one category.", valueName: "name"))
    package var category = MaskFolder.Options().categoryName

    @Option(
        help: ArgumentHelp(
            "Overlap (IoU) of outline and mask from which the outline is taken; 1 demands equality.", valueName: "iou"))
    package var polygonIou = MaskFolder.Options().polygonOverlap

    @Option(
        help: ArgumentHelp("With --to shards: parts and their shares, as in train=0.8,val=0.2.", valueName: "parts"))
    package var split: String?

    @Option(help: ArgumentHelp("With --to shards: size at which a shard is full.", valueName: "size"))
    package var shardSize: ByteSize?

    @Flag(help: "Exit with 65 if anything was dropped.")
    package var strict = false

    @Flag(help: "Replace what is in the output.")
    package var force = false

    @Flag(help: "Go on with an interrupted conversion; masks are read again, shards that are finished stay.")
    package var resume = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        guard polygonIou > 0, polygonIou <= 1 else {
            throw ValidationError("--polygon-iou must be above 0 and at most 1, not \(polygonIou).")
        }
        if force && resume { throw ValidationError("--force and --resume exclude each other.") }
        if category.isEmpty { throw ValidationError("--category must not be empty.") }
        if let shardSize, shardSize.bytes < 1 { throw ValidationError("--shard-size must be at least 1 byte.") }
        if to == .coco, split != nil || shardSize != nil {
            throw ValidationError("--split and --shard-size need --to shards.")
        }
        if to == .shards, isFileName(output) { throw ValidationError("--to shards needs a directory, not \(output).") }
    }

    package func run() throws {
        let console = global.activate()
        try checkOutput()
        var counts = MasksReport.Counts()
        var findings: [Finding] = []
        let folders = newFolders
        do {
            try writeLabels(console, counting: &counts, findings: &findings)
        } catch {
            // What came to nothing leaves nothing; a folder that holds anything stays.
            for folder in folders { rmdir(folder) }
            throw error
        }
        let labels = labelsPath
        let shards = to == .shards ? try writeShards(labels: labels, console) : nil
        let report = MasksReport(counts: counts, findings: findings, labels: labels, shards: shards)
        if !global.json { for line in report.findingLines { console.remark(line) } }
        console.result(global.json ? report.json : report.text)
        if strict && (report.hasDrops || shards?.hasDrops == true) {
            throw ExitCode(FailureKind.badInput.exitCode)
        }
    }

    // MARK: Output

    private func isFileName(_ path: String) -> Bool { FileSystem.ending(of: path).lowercased() == "json" }

    private var labelsPath: String {
        if to == .shards {
            var path = output
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path + ".coco.json"
        }
        return isFileName(output) ? output : FileSystem.join(output, "annotations.json")
    }

    /// - Throws: `FileError.exists` for output that would be overwritten, before any work is done.
    private func checkOutput() throws {
        if FileSystem.exists(labelsPath) {
            guard !FileSystem.isDirectory(labelsPath) else {
                throw FileError(.exists, path: labelsPath, "is a directory; the labels are to be written there")
            }
            guard force || resume else {
                throw FileError(.exists, path: labelsPath, "exists already; --force replaces it")
            }
        }
        // A file of labels has no directory to check; that of shards is checked by their writer.
        guard to == .coco, !isFileName(output), FileSystem.exists(output) else { return }
        guard FileSystem.isDirectory(output) else {
            throw FileError(.exists, path: output, "is a file; name a directory, or a file that ends in .json")
        }
        if !force, !resume, let first = try FileSystem.list(output).first {
            throw FileError(
                .exists, path: output, "the directory is not empty (it holds \(first)); --force writes into it")
        }
    }

    private var copiesImages: Bool { to == .coco && !isFileName(output) }
    /// Where the first thing is written.
    private var folder: String {
        copiesImages ? FileSystem.join(output, "images") : FileSystem.folder(of: labelsPath)
    }

    /// Folders that are made for the output, the deepest first.
    private var newFolders: [String] {
        var folders: [String] = []
        var path = folder
        while !path.isEmpty, path != "/", !FileSystem.exists(path) {
            folders.append(path)
            path = FileSystem.folder(of: path)
        }
        return folders
    }

    /// Writes the labels, after the images where they are copied. Of images a list is kept, of objects nothing.
    private func writeLabels(
        _ console: Console, counting counts: inout MasksReport.Counts, findings: inout [Finding]
    ) throws {
        var options = MaskFolder.Options()
        options.categoryName = category
        options.polygonOverlap = polygonIou
        var file: COCOFileWriter?
        var images: [COCOImage] = []
        let progress = ProgressReporter("reading masks", unit: "images", console: console)
        defer { progress.finish() }
        try MaskFolder.visit(
            root: input, options: options, progress: { progress.update(done: $0, total: $1) },
            begin: {
                if !folder.isEmpty { try FileSystem.createDirectory(folder) }
                if resume { try OutputDirectory.removeTemporaryFiles(of: labelsPath) }
                if resume, copiesImages { try OutputDirectory(path: output).removeTemporaryFiles(ofAnyName: true) }
                file = try COCOFileWriter(path: labelsPath)
            },
            report: { findings.append($0) },
            visit: { image, annotations in
                images.append(image)
                for annotation in annotations {
                    counts.add(annotation)
                    try file?.add(annotation)
                }
            })
        guard !images.isEmpty else {
            throw AnnotationError(
                .layout, at: DataLocation(path: input),
                "no image can be used" + (findings.first.map { "; first finding: \($0)" } ?? ""))
        }
        if copiesImages {
            for (index, name) in FlatNames.names(of: images.map(\.fileName)).enumerated() {
                let bytes = try FileSystem.read(FileSystem.join(input, images[index].fileName))
                try AtomicFileWriter.write(bytes, to: FileSystem.join(folder, name))
                images[index].fileName = name
            }
        }
        counts.images = images.count
        for image in images { try file?.add(image) }
        try file?.finish(sections: MaskFolder.sections, categories: MaskFolder.categories(options))
    }

    private func writeShards(labels: String, _ console: Console) throws -> ConversionSummary {
        var options = ConversionOptions(input: labels, images: input, output: output)
        if let shardSize { options.shardBytes = shardSize.bytes }
        options.split = try split.map { text in try SplitRule(text, group: .image, seed: global.seed ?? 0) }
        options.seed = global.seed ?? 0
        options.existingOutput = force ? .replace : resume ? .resume : .refuse
        let progress = ProgressReporter("converting", unit: "images", console: console)
        defer { progress.finish() }
        return try COCOConversion(options).run { done, total in progress.update(done: done, total: total) }
    }
}
