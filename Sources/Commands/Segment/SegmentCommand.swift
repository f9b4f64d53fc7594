package import ArgumentParser
private import Foundation
private import JSONText
package import Pipeline
private import Runtime
private import SAM
package import Training

/// `samdata segment`: all objects of images, without prompts.
package struct SegmentCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "segment",
        abstract: "Segment everything in images, without prompts.",
        discussion: """
            A grid of points is laid over each image, the model is asked for three masks at every point, and the good ones \
            are kept once: the masks, their order and all defaults are those of segment-anything's automatic mask \
            generator. The input is a file, or a folder whose PNG and JPEG files are taken in the order of their names.

            -o out.json gets COCO annotations: run lengths, the predicted IoU as `score`, and stability_score, \
            point_coords and crop_box. With --format sa1b, -o names a folder for one file an image as in SA-1B.

            With --tile, an image is cut into parts of at most so many pixels a side, each is segmented together with \
            --halo pixels around it, and objects that lie in several parts are joined where their masks agree.

            Finished images are kept when a run is interrupted (Ctrl-C once lets it stop cleanly); with --resume the same \
            command goes on, and writes the same bytes as a run without a break.

            Examples:
              samdata segment samples/nuclei/images --weights samples/nuclei/nano.safetensors \
            --pred-iou-thresh 0.6 --stability-score-thresh 0.7 -o out/nuclei.json
              samdata segment slide.png --weights out/run --tile 1024 --halo 128 -o out/slide.json --picture out
            """)

    @Argument(help: ArgumentHelp("PNG, JPEG or TIFF, or a folder of them.", valueName: "images"))
    package var images: String

    @OptionGroup package var weights: WeightsOptions

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("COCO file, or with --format sa1b a folder.", valueName: "path"))
    package var output: String

    @Option(help: "What to write: coco, or sa1b.")
    package var format: SegmentFormat = .coco

    @OptionGroup(title: "Automatic masks") package var automatic: AutomaticMaskArguments

    @Option(help: ArgumentHelp("Keep only the first so many masks of an image.", valueName: "n"))
    package var maxMasks: Int?

    @Option(help: ArgumentHelp("Cut images into parts of at most this side.", valueName: "pixels"))
    package var tile: Int?

    @Option(
        help: ArgumentHelp(
            "With --tile: what is looked at around a part (default: an eighth of it).", valueName: "pixels"))
    package var halo: Int?

    @Option(
        help: ArgumentHelp(
            "Write a PNG of each image with its masks drawn on it into a folder (not when all were finished before).",
            valueName: "dir"))
    package var picture: String?

    @Option(
        help: ArgumentHelp(
            "How weights are kept: f32, or bf16 or f16 in half the memory; with bf16 matrices are multiplied as such where the processor can.",
            valueName: "format"))
    package var precision = Precision.f32

    @Option(help: "What happens to images that cannot be read: report, skip or fail.")
    package var onError: ConversionOptions.DropPolicy = .report

    @Flag(help: "Exit with 65 if an image was dropped.")
    package var strict = false

    @Flag(help: "Go on with a run that was interrupted.")
    package var resume = false

    @Flag(help: "Replace what is in the output.")
    package var force = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if resume && force { throw ValidationError("--resume and --force exclude each other.") }
        if halo != nil && tile == nil { throw ValidationError("--halo needs --tile.") }
        if let tile, !(16...1 << 20).contains(tile) {
            throw ValidationError("--tile must be between 16 and \(1 << 20) pixels, not \(tile).")
        }
        if let tile, let halo, !(0...tile).contains(halo) {
            throw ValidationError("--halo must be between 0 and the tile's \(tile) pixels, not \(halo).")
        }
        if let maxMasks, maxMasks < 1 { throw ValidationError("--max-masks must be at least 1, not \(maxMasks).") }
    }

    package func run() throws {
        let console = global.activate()
        let input = try SegmentInput(path: images)
        let output = SegmentOutput(path: output, format: format)
        try output.check(force: force, resume: resume)
        try checkPictures(input)
        var model = try weights.model(console)
        let run = prepare(input, output, weightsDigest: model.weightsDigest)
        model.narrow(to: precision.format)
        InterruptFlag.watch()
        let outcome = try outcome(of: run, model, console)
        let report = SegmentReport(
            run: run, outcome: outcome, weights: weights.weights, modelName: model.configuration.modelName)
        if onError == .report && !global.json { for line in report.findingLines { console.remark(line) } }
        console.result(global.json ? report.json(input: images).text(pretty: true) : report.text)
        if outcome.isComplete && outcome.images > 0 && outcome.masks == 0 {
            console.remark(
                "no mask passed the thresholds; lower --pred-iou-thresh and --stability-score-thresh, which suit SAM's own "
                    + "weights")
        }
        if !outcome.isComplete {
            let done = outcome.images + report.dropped
            console.remark(
                "interrupted after \(done) of \(run.input.names.count) images; the same command with --resume goes on")
            throw ExitCode(InterruptFlag.exitCode)
        }
        if strict && report.dropped > 0 { throw ExitCode(FailureKind.badInput.exitCode) }
    }

    private func prepare(_ input: SegmentInput, _ output: SegmentOutput, weightsDigest: String) -> SegmentRun {
        let journal = SegmentJournal(
            output: self.output, isFolder: format == .sa1b,
            settings: [
                "samdata \(Release.version)", weightsDigest, precision.rawValue,
                automatic.description, "\(maxMasks ?? 0) \(tile ?? 0) \(tile == nil ? 0 : haloPixels)",
            ])
        return SegmentRun(
            input: input, output: output, journal: journal, dropPolicy: onError, maxMasks: maxMasks,
            pictures: picture)
    }

    /// Demands that neither output nor pictures take an image's place, nor pictures that of images in a later run.
    private func checkPictures(_ input: SegmentInput) throws(FileError) {
        try OutputCheck.demand([output], areNoneOf: input.names.map(input.path))
        guard let picture else { return }
        try OutputCheck.demand([picture], areNoneOf: FileSystem.isDirectory(images) ? [images] : [])
        let files = input.stems(ending: ".png").map { FileSystem.join(picture, $0) }
        try OutputCheck.demand(files, areNoneOf: input.names.map(input.path))
    }

    private var haloPixels: Int { halo ?? (tile ?? 0) / 8 }

    private func outcome(of run: SegmentRun, _ model: SAMModel, _ console: Console) throws -> SegmentRun.Outcome {
        if resume {
            if let outcome = try run.finishedBefore() { return outcome }
        } else {
            guard try force || run.journal.names().isEmpty else {
                throw FileError(
                    .exists, path: output, "an interrupted run has left its work; --resume goes on, --force begins anew"
                )
            }
            try run.journal.removeAll()
        }
        let progress = ProgressReporter("segmenting", unit: "images", console: console)
        defer { progress.finish() }
        let total = run.input.names.count
        func segment(_ segmenter: some ImageSegmenter) throws -> SegmentRun.Outcome {
            var segmenter = segmenter
            return try run.run(
                &segmenter, shouldStop: { InterruptFlag.isRaised },
                progress: { progress.update(done: $0, total: total, detail: "\($1) masks") })
        }
        let generator = try AutomaticMaskGenerator(model: model, options: automatic.options)
        guard let tile else { return try segment(generator) }
        return try segment(TiledMaskGenerator(generator, tileSize: tile, halo: haloPixels))
    }
}
