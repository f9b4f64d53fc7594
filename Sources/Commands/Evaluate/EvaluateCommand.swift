package import ArgumentParser
private import Foundation
private import JSONText
private import Runtime
private import SAM
private import Shards
private import Training

/// `samdata evaluate`: how well a model's masks agree with the labels of shards, or predictions of any model with a truth.
package struct EvaluateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compare a model's masks with the labels of shards, or predictions with a truth.",
        discussion: """
            With --weights, the model is asked for the objects of shards. Every object is asked for twice: with its box, and with the one point of it that lies deepest. Masks are \
            compared with the labels at the size of the images: IoU, Dice, boundary IoU (Cheng et al. 2021, band of 2 % \
            of the diagonal) and HD95 (95th percentile Hausdorff distance, pixels; a mean over the objects whose mask is not \
            empty, as the others have none: the last column counts those). Crowd regions are left out.

            The row 'trivial' is what a model has to beat to be worth anything: the box itself filled, and around the \
            point a disc of the median area of the objects.

            Figures of the model have 95 % intervals: a bootstrap that draws images; with --before the differences have \
            them, too, paired by object, and whatever became worse beyond chance is named at the end. --clicks goes on \
            where a user would: each further click is where the mask was wrong most, and the mask before is given back.

            With a second file instead, predictions of any model are compared with the truth, which is labels of any \
            format that convert reads (--format), shards as well: average precision and recall as by pycocotools, LVIS's (--lvis) and boundary AP \
            (--iou boundary), or panoptic quality (--panoptic). Predictions are a COCO results file: a list of image_id, \
            category_id, score, and segmentation or bbox; or labels of any format, as those of a second annotator, \
            whose images and classes are told by their names, and whose objects without a score have the score 1. Where \
            the truth's format has no ids of images, results' are names of files without their ending. --quality adds how well the masks of found objects agree, by \
            size and class. What cannot be used is dropped, counted and named.

            Examples:
              samdata evaluate shards/val --weights run
              samdata evaluate shards/val --weights run --before random --pictures pictures
              samdata evaluate shards/val --weights tuned --before base.safetensors --report report.html
              samdata evaluate instances_val.json results.json --quality --per-class
              samdata evaluate yolo_set second_annotator/annotations.xml --quality
            """)

    @Argument(help: ArgumentHelp("Shards to evaluate on, or the truth for predictions.", valueName: "truth"))
    package var shards: String

    @Argument(help: ArgumentHelp("Predictions to compare with the truth.", valueName: "predictions"))
    package var predictions: String?

    @Option(
        help: ArgumentHelp(
            "Weights: .safetensors, .pth or .pt, a Hugging Face folder, a checkpoint's folder, or a training run (its best).",
            valueName: "file"))
    package var weights: String?

    @OptionGroup package var input: ModelInputOptions

    @Option(
        help: ArgumentHelp(
            "Weights to compare with, or 'random' for what training without weights starts from (by the run's seed).",
            valueName: "file|random"))
    package var before: String?

    @Option(help: ArgumentHelp("Leave out objects with fewer pixels.", valueName: "pixels"))
    package var minObjectArea = 1

    @Option(
        help: ArgumentHelp(
            "Write a PNG of each image: its labels, and the masks for boxes and for points beside the labels' outlines.",
            valueName: "dir"))
    package var pictures: String?

    @Option(
        help: ArgumentHelp(
            "Ask with up to so many clicks as well (default: the point alone; 8 with --report).", valueName: "n"))
    package var clicks: Int?

    @Option(
        help: ArgumentHelp(
            "Write a page with curves, tables, speed, automatic masks, and the worst and best cases.",
            valueName: "html"))
    package var report: String?

    @OptionGroup(title: "Options for predictions") package var comparison: PredictionArguments

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if predictions == nil {
            guard weights != nil else {
                throw ValidationError(
                    "Missing expected argument '--weights <file>' for a model, or a second file with predictions.")
            }
            if let option = comparison.firstGiven {
                throw ValidationError("\(option) compares predictions; it needs a second file, not --weights.")
            }
        } else if let option = modelOption {
            throw ValidationError("\(option) is for a model's weights; with predictions there is no model.")
        }
        if let clicks, !(1...64).contains(clicks) {
            throw ValidationError("--clicks must be from 1 to 64, not \(clicks).")
        }
        if minObjectArea < 1 { throw ValidationError("--min-object-area must be at least 1, not \(minObjectArea).") }
    }

    /// The first option that was given and means nothing without a model.
    private var modelOption: String? {
        let given = [
            ("--weights", weights != nil), ("--lora", input.lora != nil), ("--image-size", input.imageSize != nil),
            ("--preprocessing", input.preprocessing != nil), ("--before", before != nil),
            ("--pictures", pictures != nil), ("--clicks", clicks != nil), ("--report", report != nil),
            ("--min-object-area", minObjectArea != 1),
        ]
        return given.first(where: \.1)?.0
    }

    package func run() throws {
        let console = global.activate()
        if let predictions {
            return try PredictionRun(
                truth: shards, predictions: predictions, arguments: comparison, global: global, console: console
            ).run()
        }
        try evaluate(weights ?? "", console)
    }

    /// Asks a model for the objects of the shards.
    private func evaluate(_ weights: String, _ console: Console) throws {
        let set = try ShardSet(path: shards)
        // Before the work, not after it.
        if let report, FileSystem.isDirectory(report) || !FileSystem.isDirectory(Self.folder(of: report)) {
            throw FileError(.write, path: report, "cannot be written: --report wants a file in a folder that exists")
        }
        let model = try input.model(weights, console)
        let evaluator = Evaluator(
            set, minObjectArea: minObjectArea, clicks: clicks ?? (report == nil ? 1 : 8), keepsMasks: report != nil)
        var answerers: [any Answerer] = []
        let earlier = try before.map { try earlierModel($0, like: model, weights: weights) }
        if let earlier { answerers.append(ModelAnswerer(earlier, name: "before")) }
        answerers.append(ModelAnswerer(model, name: before == nil ? "model" : "after"))
        let discArea = try evaluator.medianArea()
        if let discArea { answerers.append(TrivialAnswerer(discArea: discArea)) }
        let progress = ProgressReporter("evaluating", unit: "images", console: console)
        defer { progress.finish() }
        let subject = before == nil ? 0 : 1
        if let pictures { try FileSystem.createDirectory(pictures) }
        let results = try evaluator.evaluate(
            answerers,
            show: { answered in
                guard let pictures, answered.answerer == subject else { return }
                try EvaluationPicture(answered).write(into: pictures)
            },
            progress: { done, total in
                progress.update(done: done, total: total)
                return true
            })
        progress.finish()
        let found = results ?? []
        let probes = ModelProbes(set: set, subset: evaluator.subset, minObjectArea: minObjectArea)
        let comparison = try RunComparison(
            before: try earlier.map { try probes.record(found[0], of: $0, isFull: report != nil) },
            after: try probes.record(found[subject], of: model, isFull: report != nil), set: set,
            subset: evaluator.subset)
        let text = EvaluationReport(
            shards: shards, weights: weights, before: before, modelName: model.configuration.modelName,
            set: set, discArea: discArea ?? 0, evaluations: found, comparison: comparison)
        if let report {
            let page = EvaluationPage(
                shards: shards, weights: weights, before: before, modelName: model.configuration.modelName)
            try page.write(comparison, of: set, to: report)
        }
        console.result(global.json ? text.json.text(pretty: true) : text.text)
        if let pictures, !global.json { console.result("pictures: \(pictures)") }
        if let report, !global.json { console.result("report: \(report)") }
    }

    private static func folder(of path: String) -> String {
        FileSystem.folder(of: URL(fileURLWithPath: path).path)
    }

    private func earlierModel(_ source: String, like model: SAMModel, weights: String) throws -> SAMModel {
        guard source == "random" else {
            // The same images for both: how they are prepared, and the size of the input, is not what is compared.
            return try SAMCheckpoint.open(
                source, options: CheckpointOptions(imageSize: input.imageSize, preprocessing: input.preprocessing)
            ).model()
        }
        // Of a run the seed is known, and with it what it started from.
        let seed = try global.seed ?? RunFolder.enclosing(weights)?.storedConfiguration().seed ?? 0
        return ScratchWeights.model(model.configuration, seed: seed)
    }
}
