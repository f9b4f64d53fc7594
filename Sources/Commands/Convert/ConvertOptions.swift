internal import Annotations
package import ArgumentParser
package import Pipeline
package import Runtime
package import Shards

/// What every `samdata convert FORMAT` takes beside its input.
package struct ConvertOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory that file names in the labels are relative to (default: what the format says, else images beside the labels, else the labels' own).",
            valueName: "dir"))
    package var images: String?

    @Flag(help: "Take images whose names lead out of that directory, as ../other/1.png does.")
    package var outsideImages = false

    @Option(
        name: [.short, .customLong("output")], help: ArgumentHelp("Directory for what is written.", valueName: "dir"))
    package var output: String

    @Option(help: ArgumentHelp("What to write: shards, or a label format.", valueName: "format"))
    package var to = ConversionOptions.shards

    @Option(
        help: ArgumentHelp(
            "Parts and their shares, as in train=0.8,val=0.2: each becomes a set in a directory of its name.",
            valueName: "parts"))
    package var split: String?

    @Option(
        help: ArgumentHelp(
            "What stays together in a split: image, folder, field:NAME of the images' entries, or regex:EXPRESSION on file names.",
            valueName: "group"))
    package var groupBy: SplitRule.Group?

    @Option(
        help:
            "How parts are filled: by a hash, so that no image ever moves, or stratified by class; images may then move when others are added, unless --split-file holds them."
    )
    package var splitBy: SplitRule.Method?

    @Option(
        help: ArgumentHelp(
            "File that says which part some images are in: JSON lists by part, or lines `PART NAME`; or the output of an earlier conversion, whose split.json is such a file.",
            valueName: "file"))
    package var splitFile: String?

    @Option(help: ArgumentHelp("Size at which a shard is full (default: 256MB).", valueName: "size"))
    package var shardSize: ByteSize?

    @Option(
        help:
            "What to do with what cannot be converted: leave out and list, leave out, or stop at the first (default: report)."
    )
    package var onError: ConversionOptions.DropPolicy?

    @Flag(help: "Exit with 65 if anything was dropped because it is wrong.")
    package var strict = false

    @Option(help: "Rings inside rings: filled as COCO has it, or holes (default: coco).")
    package var rings: RingRule?

    @Option(
        help:
            "Labels are in the frame of the pixels as stored, or as turned by EXIF (default: what the format has, mostly raw). Other formats than labelme and label-studio are written for stored pixels; with apply, for readers that turn them."
    )
    package var exif: ExifPolicy?

    @Flag(help: "Decode every image to find damage inside the files; slower.")
    package var decode = false

    @Flag(
        help:
            "Go on with a conversion that was interrupted, to the same bytes. Shards, and images of formats with files for each image (yolo, voc, labelme, mask-folder, untarred sa-1b), that are whole are kept; formats of one file are written anew."
    )
    package var resume = false

    @Flag(
        help: "Replace what an earlier conversion has written into the output directory, and files of the same names.")
    package var force = false

    @Flag(help: "Say what would be done and what would come of it; write nothing.")
    package var dryRun = false

    package init() {}

    package func validate() throws {
        if resume && force { throw ValidationError("--resume and --force exclude each other.") }
        if let shardSize, shardSize.bytes < 1 { throw ValidationError("--shard-size must be at least 1 byte.") }
        if to != ConversionOptions.shards && shardSize != nil {
            throw ValidationError("--shard-size needs --to shards.")
        }
    }

    /// The options of a conversion: those of a file of stages, and over them what the command line says.
    ///
    /// - Parameter source: the labels.
    func conversion(
        format: String, input: String, source: any LabelSource, stages: StageOptions, seed: UInt64
    ) throws -> ConversionOptions {
        let folder = images == nil ? try ImageFolder(of: source, at: input, allowsOutside: outsideImages) : nil
        var options = ConversionOptions(input: input, images: images ?? folder?.path ?? input, output: output)
        options.imagePlaces = folder?.places ?? []
        options.format = format
        options.target = to
        options.seed = seed
        options.exifPolicy = source.framesAreUpright ? .apply : .raw
        try (stages.file() ?? PipelineFile()).configure(
            &options, first: stages.descriptions(), dropsEmpty: stages.dropEmpty)
        if let split {
            var rule = try SplitRule(split, group: groupBy ?? .image, seed: seed)
            rule.method = splitBy ?? .hash
            rule.previousFile = splitFile
            options.split = rule
        } else if var rule = options.split {
            if let groupBy { rule.group = groupBy }
            if let splitBy { rule.method = splitBy }
            if let splitFile { rule.previousFile = splitFile }
            options.split = rule
        } else {
            for (option, isSet) in [
                ("--group-by", groupBy != nil), ("--split-by", splitBy != nil), ("--split-file", splitFile != nil),
            ] where isSet {
                throw ValidationError("\(option) needs --split, or a split in --stages.")
            }
        }
        if let shardSize { options.shardBytes = shardSize.bytes }
        if let onError { options.dropPolicy = onError }
        if let rings { options.ringRule = rings }
        if let exif = self.exif {
            options.exifPolicy = exif
            options.exifIsStated = true
        }
        if decode { options.decodesImages = true }
        if outsideImages { options.takesOutsideImages = true }
        if stages.writeRepeats { options.writesRepeats = true }
        options.existingOutput = resume ? .resume : force ? .replace : .refuse
        return options
    }
}

extension SplitRule.Group: ExpressibleByArgument {}
extension SplitRule.Method: ExpressibleByArgument {}
extension ConversionOptions.DropPolicy: ExpressibleByArgument {}
extension RingRule: ExpressibleByArgument {}
extension ExifPolicy: ExpressibleByArgument {}
