package import ArgumentParser
private import Foundation
private import Images
private import JSONText
private import Pipeline
private import Runtime

/// `samdata inspect`: says what an image, a COCO file, a set of shards or a checkpoint holds.
package struct InspectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what an image, a COCO file, shards or a checkpoint hold, and draw a record.",
        discussion: """
            The kind of input is told by its content. Exit code 65 when the input is damaged; what can still be said \
            about it is said. Of shards, checksums are compared of the record that is shown; `samdata audit` checks all.

            Examples:
              samdata inspect samples/nuclei/annotations.json --images samples/nuclei/images --record 3 \
            --picture labels.png
              samdata inspect out/shards/train --record 0 --picture record.png
              samdata inspect samples/nuclei/annotations.json --images samples/nuclei/images \
            --stages samples/nuclei/augment.yaml --picture sheet.png
            """)

    @Argument(
        help: ArgumentHelp(
            "PNG, JPEG, COCO JSON, directory of shards, .tfrecord, .safetensors, or checkpoint folder.",
            valueName: "input"))
    package var input: String

    @Option(help: ArgumentHelp("Show one record: image number n of a COCO file, or of shards, from 0.", valueName: "n"))
    package var record: Int?

    @Option(
        help: ArgumentHelp(
            "Directory that file names in a COCO file are relative to (default: the file's own).", valueName: "dir"))
    package var images: String?

    @Flag(help: "Open images whose names lead out of that directory, as ../other/1.png does.")
    package var outsideImages = false

    @Option(
        help: ArgumentHelp(
            "Write a PNG: the image, or a record (the first, unless --record says otherwise) with its labels.",
            valueName: "file"))
    package var picture: String?

    @Option(
        help: ArgumentHelp(
            "Steps of augmentation, or stages as of convert: a YAML file, or YAML in brackets. --picture then shows what steps make of the record, or what comes out of each stage; balance, split and shard, which change neither pixels nor objects, are checked.",
            valueName: "file"))
    package var stages: String?

    @Option(
        help: ArgumentHelp(
            "Draws of --stages that are shown beside the original; of other stages than augment, the most images that are shown.",
            valueName: "n"))
    package var draws: Int = 7

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if !(1...99).contains(draws) { throw ValidationError("--draws is 1 to 99; \(draws) is not.") }
        if stages != nil && picture == nil {
            throw ValidationError("--stages draws a picture: name its file with --picture.")
        }
        if let record, record < 0 { throw ValidationError("--record counts from 0; \(record) is below.") }
    }

    package func run() throws {
        let console = global.activate()
        let kind = try InspectedKind(path: input)
        var request = InspectionRequest(
            path: input, record: record, images: images, wantsPicture: picture != nil, outsideImages: outsideImages)
        if let stages {
            let seed = global.seed ?? 0
            switch try AugmentationPreview(stages, seed: seed) {
            case .steps(let chain): request.augmentation = AugmentationRequest(chain: chain, draws: draws, seed: seed)
            case .stages(let file): request.stages = StagesRequest(file: file, draws: draws, seed: seed)
            }
        }
        if stages != nil && kind != .coco && kind != .shards {
            throw InspectError(
                .notApplicable, "--stages is for COCO files and shards; this is \(kind.phrase)", path: input)
        }
        if images != nil && kind != .coco {
            throw InspectError(.notApplicable, "--images is for COCO files; this is \(kind.phrase)", path: input)
        }
        if outsideImages && kind != .coco {
            throw InspectError(
                .notApplicable, "--outside-images is for COCO files; this is \(kind.phrase)", path: input)
        }
        var inspection =
            switch kind {
            case .image: try Self.inspectImage(request)
            case .coco: try Self.inspectCOCO(request)
            case .shards: try Self.inspectShards(request)
            case .checkpoint: try Self.inspectCheckpoint(request)
            }
        if let picture, let drawn = inspection.picture {
            let writer = try AtomicFileWriter(path: picture)
            try writer.write(ImageCodec.encodePNG(drawn))
            try writer.commit()
            inspection.members.append(JSONMember("picture", .string(picture)))
            inspection.text += "\n\npicture: \(picture) (\(drawn.width) x \(drawn.height))"
        }
        for remark in inspection.remarks { console.remark(remark) }
        console.result(global.json ? document(kind, inspection).text(pretty: true) : inspection.text)
        if let damage = inspection.damage {
            console.error("\(input): \(damage)")
            throw ExitCode(FailureKind.badInput.exitCode)
        }
    }

    private func document(_ kind: InspectedKind, _ inspection: Inspection) -> JSONValue {
        .object(
            [
                JSONMember("schema_version", 1), JSONMember("command", "inspect"),
                JSONMember("kind", .string(kind.rawValue)), JSONMember("path", .string(input)),
            ] + inspection.members)
    }
}

extension InspectedKind {
    /// The kind in a sentence.
    fileprivate var phrase: String {
        switch self {
        case .image: "an image"
        case .coco: "a COCO file"
        case .shards: "shards"
        case .checkpoint: "a checkpoint"
        }
    }
}
