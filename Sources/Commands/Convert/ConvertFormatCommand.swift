internal import Annotations
package import ArgumentParser
internal import Pipeline
private import Runtime
private import Shards

/// `samdata convert FORMAT INPUT`: labels of any format and their images to shards, or to another label format.
package struct ConvertFormatCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "from",
        abstract: "Make shards, or labels in another format, of labels and their images (`samdata convert FORMAT`).",
        discussion: """
            Formats, of input and of --to: \(LabelFormatArgument.names.joined(separator: ", ")). As input also auto, which \
            looks at the files.

            Shards are TFRecord files of tf.train.Example with the TensorFlow Object Detection API's keys, the original \
            image bytes, and all masks as compressed RLE; tf.data, DALI and PyTorch's tfrecord read them as they are \
            (schemas/example.proto). A manifest.json stands beside them.

            Nothing is dropped silently: every image or annotation that cannot be converted, and every one that a stage \
            leaves out, is counted under a rule and listed in the manifest, or in conversion.json beside other formats, \
            losses.jsonl lists every object of which the other format cannot hold everything, and renamed.jsonl every image \
            or class whose name it cannot take.

            Example:
              samdata convert coco samples/nuclei/annotations.json --images samples/nuclei/images \
            --split train=0.8,val=0.2 -o out/shards
            """)

    @Argument(help: ArgumentHelp("Format of the labels.", valueName: "format"))
    package var format: LabelFormatArgument

    @Argument(help: ArgumentHelp("The labels: a file, or a directory.", valueName: "input"))
    package var input: String

    @OptionGroup package var options: ConvertOptions
    @OptionGroup(title: "Stages") package var stages: StageOptions
    @OptionGroup(title: "Formats") package var formats: FormatOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run() throws {
        let console = global.activate()
        let format = try format.resolved(input)
        let target = try LabelFormatArgument.target(options.to)
        try formats.check(input: format, target: target, path: input)
        let source = OpenedSource(
            format: format, path: input, readOptions: formats.readOptions(images: options.images),
            // What splits do not look at only takes memory.
            keepsImageMembers: options.groupBy?.rawValue.hasPrefix("field:") == true || stages.stages != nil)
        let opened = try source.open()
        var conversion = try options.conversion(
            format: LabelFormatArgument.name(format), input: input, source: opened, stages: stages,
            seed: global.seed ?? 0)
        if formats.stuff != nil { try formats.checkStuff(conversion.chain.categories(after: opened.categories)) }
        conversion.formatArguments = formats.arguments
        // What is written for one frame is turned into it; under a stated --exif apply, readers are to turn the rest.
        let turnsNothing = conversion.exifIsStated && conversion.exifPolicy == .apply && target.frame == .stored
        conversion.targetFrame = turnsNothing ? nil : target.frame
        let isSplit = conversion.split != nil
        let writeOptions = formats.writeOptions
        let sections = opened.sections
        let writers: Conversion.WriterMaker? =
            target == .shards
            ? nil
            : { categories, directory in
                var writeOptions = writeOptions
                if isSplit {
                    // Each part is in a folder of its name.
                    writeOptions.yolo.writtenPart = FileSystem.lastComponent(directory)
                    writeOptions.yolo.isOfSplit = true
                }
                guard
                    let writer = try target.writer(
                        to: directory, categories: categories, options: writeOptions, sections: sections)
                else { preconditionFailure("\(target.rawValue) has no writer") }
                return writer
            }
        let index: Conversion.IndexWriter? =
            target == .yolo || target == .yoloBoxes
            ? { try YOLOSplit.write($1, categories: $0, to: $2) } : nil
        try ConversionJob(options: conversion, makeWriter: writers, writeIndex: index) { opened }
            .run(console, json: global.json, isDryRun: options.dryRun, isStrict: options.strict)
    }
}
