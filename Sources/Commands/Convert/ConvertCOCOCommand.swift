package import ArgumentParser
private import Foundation
package import Pipeline
package import Runtime
package import Shards

/// `samdata convert coco`: a COCO file and its images to shards.
package struct ConvertCOCOCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "coco",
        abstract: "Make shards of a COCO file and its images.",
        discussion: """
            Shards are TFRecord files of tf.train.Example with the TensorFlow Object Detection API's keys, the original \
            image bytes, and all masks as compressed RLE; tf.data, DALI and PyTorch's tfrecord read them as they are \
            (schemas/example.proto). A manifest.json stands beside them.

            Nothing is dropped silently: every image or annotation that cannot be converted is counted under a rule and \
            listed in the manifest.

            Example:
              samdata convert coco samples/nuclei/annotations.json --images samples/nuclei/images \
            --split train=0.8,val=0.2 -o out/shards
            """)

    @Argument(help: ArgumentHelp("COCO file of instances (also LVIS).", valueName: "input"))
    package var input: String

    @Option(
        help: ArgumentHelp(
            "Directory that file names in the labels are relative to (default: the input's own).",
            valueName: "dir"))
    package var images: String?

    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Directory for the shards.", valueName: "dir"))
    package var output: String

    @Option(
        help: ArgumentHelp(
            "Parts and their shares, as in train=0.8,val=0.2: each becomes a set of shards in a directory of its name.",
            valueName: "parts"))
    package var split: String?

    @Option(help: "What stays together in a split: each image, or all images of a folder.")
    package var groupBy: SplitRule.Group = .image

    @Option(help: ArgumentHelp("Size at which a shard is full.", valueName: "size"))
    package var shardSize = ByteSize(bytes: 256_000_000)

    @Option(help: "What to do with what cannot be converted: leave out and list, leave out, or stop at the first.")
    package var onError: ConversionOptions.DropPolicy = .report

    @Flag(help: "Exit with 65 if anything was dropped.")
    package var strict = false

    @Option(help: "Rings inside rings: filled as COCO has it, or holes.")
    package var rings: RingRule = .coco

    @Option(help: "Labels are in the frame of the pixels as stored, or as turned by EXIF.")
    package var exif: ExifPolicy = .raw

    @Flag(help: "Decode every image to find damage inside the files; slower.")
    package var decode = false

    @Flag(help: "Go on with a conversion that was interrupted.")
    package var resume = false

    @Flag(help: "Replace shards that are in the output directory.")
    package var force = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if resume && force { throw ValidationError("--resume and --force exclude each other.") }
        if shardSize.bytes < 1 { throw ValidationError("--shard-size must be at least 1 byte.") }
        if split == nil && groupBy != .image { throw ValidationError("--group-by needs --split.") }
    }

    package func run() throws {
        let console = global.activate()
        let progress = ProgressReporter("converting", unit: "images", console: console)
        let summary: ConversionSummary
        do {
            summary = try COCOConversion(options()).run { done, total in progress.update(done: done, total: total) }
            progress.finish()
        } catch {
            progress.finish()
            throw error
        }
        let report = ConversionReport(summary)
        if global.json {
            console.result(report.json)
        } else {
            if onError == .report { for line in report.dropLines { console.remark(line) } }
            console.result(report.text)
        }
        if strict && summary.hasDrops { throw ExitCode(FailureKind.badInput.exitCode) }
    }

    private func options() throws -> ConversionOptions {
        let folder = (input as NSString).deletingLastPathComponent
        var options = ConversionOptions(
            input: input, images: images ?? (folder.isEmpty ? "." : folder), output: output,
            shardBytes: shardSize.bytes)
        options.split = try split.map { text in try SplitRule(text, group: groupBy, seed: global.seed ?? 0) }
        options.dropPolicy = onError
        options.ringRule = rings
        options.exifPolicy = exif
        options.seed = global.seed ?? 0
        options.decodesImages = decode
        options.existingOutput = resume ? .resume : force ? .replace : .refuse
        return options
    }
}

extension SplitRule.Group: ExpressibleByArgument {}
extension ConversionOptions.DropPolicy: ExpressibleByArgument {}
extension RingRule: ExpressibleByArgument {}
extension ExifPolicy: ExpressibleByArgument {}
