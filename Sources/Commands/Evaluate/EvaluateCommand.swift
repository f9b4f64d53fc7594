package import ArgumentParser
private import JSONText
private import Runtime
private import SAM
private import Shards
private import Training

/// `samdata evaluate`: how well a model's masks agree with the labels of shards.
package struct EvaluateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compare a model's masks with the labels of shards.",
        discussion: """
            Every object is asked for twice: with its box, and with the one point of it that lies deepest. Masks are \
            compared with the labels at the size of the images: IoU, Dice, boundary IoU (Cheng et al. 2021, band of 2 % \
            of the diagonal) and HD95 (95th percentile Hausdorff distance, pixels; a mean over the objects whose mask is not \
            empty, as the others have none: the last column counts those). Crowd regions are left out.

            The row 'trivial' is what a model has to beat to be worth anything: the box itself filled, and around the \
            point a disc of the median area of the objects.

            Examples:
              samdata evaluate shards/val --weights run
              samdata evaluate shards/val --weights run --before random --pictures pictures
            """)

    @Argument(help: ArgumentHelp("Shards to evaluate on.", valueName: "shards"))
    package var shards: String

    @OptionGroup package var weights: WeightsOptions

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

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if minObjectArea < 1 { throw ValidationError("--min-object-area must be at least 1, not \(minObjectArea).") }
    }

    package func run() throws {
        let console = global.activate()
        let set = try ShardSet(path: shards)
        let model = try weights.model(console)
        let evaluator = Evaluator(set, minObjectArea: minObjectArea)
        var answerers: [any Answerer] = []
        if let before { answerers.append(ModelAnswerer(try earlier(before, like: model), name: "before")) }
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
        let report = EvaluationReport(
            shards: shards, weights: weights.weights, before: before, modelName: model.configuration.modelName,
            set: set,
            discArea: discArea ?? 0, evaluations: results ?? [])
        console.result(global.json ? report.json.text(pretty: true) : report.text)
        if let pictures, !global.json { console.result("pictures: \(pictures)") }
    }

    private func earlier(_ source: String, like model: SAMModel) throws -> SAMModel {
        guard source == "random" else { return try SAMCheckpoint.read(source) }
        // Of a run the seed is known, and with it what it started from.
        let seed = try global.seed ?? RunFolder.enclosing(weights.weights)?.storedConfiguration().seed ?? 0
        return ScratchWeights.model(model.configuration, seed: seed)
    }
}
