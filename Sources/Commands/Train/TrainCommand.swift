package import ArgumentParser
private import JSONText
private import Runtime
private import Training

/// `samdata train`: fine-tunes a model on shards.
package struct TrainCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train or fine-tune Segment Anything on shards.",
        discussion: """
            Prompts are drawn from the labels. From random weights each object is asked for once, with a box or a point; from \
            given weights eight times, with clicks where the mask is wrong, as micro-sam does (--prompts). The loss is focal, \
            Dice and the squared error of the predicted IoU; of three masks for a point only the best is shaped. AdamW \
            with a linear warm-up and half a cosine, unless --optimizer and --schedule say otherwise.

            -o is a folder: config.yaml as resolved, metrics.jsonl with a line for every step and epoch, and \
            checkpoints/last and checkpoints/best (by the mean IoU on --val), and report.html. Ctrl-C ends \
            the run with a checkpoint, and --resume goes on from the last one, to the same weights as without the \
            interruption.

            With --val the model that training begins with is evaluated first, and the best checkpoint against it in the \
            end: masks for boxes, for a point and for further clicks, with 95 % intervals of the difference, times, and \
            whether automatic masks still work. What became worse is named; report.html shows all of it. \
            (--set report=false leaves it out.)

            --track says who else gets the figures, the configuration and pictures of some validated images: tensorboard \
            (`tensorboard --logdir RUN`), mlflow (a server, or files that `mlflow migrate-filestore` reads), wandb (files that \
            `wandb sync` uploads). A tracker that fails is reported and never ends the run.

            A record that cannot be read ends the run, which --resume --skip-corrupt skip then goes on with; a limit such as \
            --skip-corrupt 10 is possible too. Records that are left out are listed with file, offset and reason in \
            metrics.jsonl and the report. Shards to validate on must be whole.

            --config names a YAML file of the same keys as the options, and more: \
            samples/train.yaml lists all of them with their defaults. Options on the command line win, also where they exclude \
            what the file says: --train-only takes the place of its preset and freeze, --preset that of its train-only.

            --find-lr looks for the learning rate first: the model stays as it is, and nothing is trained. Each step's loss \
            is compared with that of the same images at the start. The exit code is 1 when no rate made the loss fall by more \
            than its noise.

            Examples:
              samdata train shards/train --weights sam_vit_b.safetensors --find-lr -o rates
              samdata train shards/train --val shards/val --model nano --epochs 100 -o run
              samdata train shards/train --weights sam_vit_b.safetensors --train-only mask_decoder -o run
              samdata train -o run --resume
            """)

    @Argument(help: ArgumentHelp("Shards to train on; with --resume those of the run.", valueName: "shards"))
    package var shards: String?

    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Folder of the run.", valueName: "run"))
    package var output: String?

    @Option(help: ArgumentHelp("Configuration file; see samples/train.yaml.", valueName: "yaml"))
    package var config: String?

    @OptionGroup(title: "Configuration") package var options: TrainOptions

    @Flag(
        help:
            "Go on with the run in the folder; only its length and limits, its records and the places of its shards, weights and cache may change."
    )
    package var resume = false

    @Flag(help: "Replace a run that is in the folder.")
    package var force = false

    @Flag(
        help:
            "Look for a learning rate instead of training: let it rise step by step until the loss explodes. With -o, find-lr.json and a plot are written there."
    )
    package var findLr = false

    @Option(help: ArgumentHelp("Steps of --find-lr (default: 100).", valueName: "n"))
    package var findLrSteps: Int?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if resume && force { throw ValidationError("--resume and --force exclude each other.") }
        if resume && config != nil {
            throw ValidationError("--resume goes on with the run's own configuration; leave out --config.")
        }
        if output == nil && !findLr { throw ValidationError("Name the folder of the run: -o run.") }
        if findLr && (resume || force) { throw ValidationError("--find-lr trains nothing to --resume or to --force.") }
        if let findLrSteps {
            if !findLr { throw ValidationError("--find-lr-steps are those of --find-lr, which is not given.") }
            if !(2...100_000).contains(findLrSteps) {
                throw ValidationError("--find-lr-steps is from 2 to 100000, not \(findLrSteps).")
            }
        }
        if !resume && shards == nil && config == nil {
            throw ValidationError("Name the shards to train on (or a --config that does, or a run to --resume).")
        }
    }

    package func run() throws {
        let console = global.activate()
        ResourceUsage.shareHeap()
        if findLr { return try searchLearningRate(console) }
        let output = output ?? ""
        let folder = RunFolder(path: output)
        let trainer: Trainer
        if resume {
            trainer = try Trainer.resuming(folder) { try apply(to: &$0, console) }
        } else {
            trainer = try Trainer.new(try newConfiguration(console), in: folder, replacing: force)
        }
        trainer.givenKeys = try options.givenKeys
        let display = TrainingDisplay(console: console)
        InterruptFlag.watch()
        let outcome: TrainingOutcome
        do {
            outcome = try trainer.run(shouldStop: { InterruptFlag.isRaised }, observe: display.show)
            display.finish()
        } catch {
            display.finish()
            throw error
        }
        let report = TrainingReport(
            outcome: outcome, beginning: display.beginning, remarks: display.remarks, folder: folder)
        console.result(global.json ? report.json.text(pretty: true) : report.text)
        if outcome.wasInterrupted {
            console.remark(
                "interrupted after step \(outcome.state.step); `samdata train -o \(output) --resume` goes on")
            throw ExitCode(InterruptFlag.exitCode)
        }
    }

    private func newConfiguration(_ console: Console) throws -> TrainingConfiguration {
        var configuration =
            try config.map { path in try TrainingConfiguration.read(path) } ?? TrainingConfiguration()
        try apply(to: &configuration, console)
        return configuration
    }

    private func searchLearningRate(_ console: Console) throws {
        if let output { try LearningRateSearchReport.checkVacancy(output) }
        let steps = findLrSteps ?? 100
        let progress = ProgressReporter("testing rates", unit: "steps", console: console)
        InterruptFlag.watch()
        let search = try Trainer.findLearningRate(
            try newConfiguration(console), steps: steps, shouldStop: { InterruptFlag.isRaised },
            progress: { progress.update(done: $0, total: steps) },
            leftOut: { console.remark($0.finding.description) })
        progress.finish()
        let report = LearningRateSearchReport(search: search, folder: output)
        try report.write()
        console.result(global.json ? report.json.text(pretty: true) : report.text)
        if search.ending == .interrupted { throw ExitCode(InterruptFlag.exitCode) }
        if search.suggestion == nil { throw ExitCode(1) }
    }

    private func apply(to configuration: inout TrainingConfiguration, _ console: Console) throws {
        if let shards { configuration.shards = shards }
        if let seed = global.seed { configuration.seed = seed }
        for remark in try options.apply(to: &configuration) { console.remark(remark) }
    }
}
