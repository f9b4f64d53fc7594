package import ArgumentParser
private import JSONText
private import Runtime
private import SAM
private import Shards
private import Training

/// `samdata embed`: encodes the images of shards into a cache.
package struct EmbedCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Encode the images of shards once, for training that does not change the encoder.",
        discussion: """
            The cache is a folder of TFRecord shards, one embedding a record: raw numbers with their shape and type, and \
            the image's id (schemas/example.proto). An embedding is found by what it depends on: the weights, how images \
            are prepared, the image's bytes, and how it was varied; so one folder serves many runs, and needs no cleaning. \
            What is there already is verified and left: after Ctrl-C the same command goes on.

            samdata train fills such a cache by itself, in the folder of its run. To do it beforehand, or once for several \
            runs, name the same weights, --augment, --variants and --seed here and there.

            Examples:
              samdata embed shards/train --weights sam_vit_b.safetensors --augment dihedral,photometric --variants 4 -o cache
              samdata train shards/train --weights sam_vit_b.safetensors --preset decoder --set cache-folder=cache -o run
            """)

    @Argument(help: ArgumentHelp("Shards whose images are encoded.", valueName: "shards"))
    package var shards: String

    @OptionGroup package var weights: WeightsOptions

    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Folder of the cache.", valueName: "dir"))
    package var output: String

    @Option(
        help: ArgumentHelp(
            "Only the encoder's first blocks, for training that changes the others (default: all of it).",
            valueName: "k"))
    package var blocks: Int?

    @Option(help: ArgumentHelp("Numbers: f32, or f16 in half the space (default: f32).", valueName: "format"))
    package var format: String?

    @Option(
        help: ArgumentHelp(
            "Random changes to images: dihedral, photometric, crop, or none (default: none).", valueName: "families"))
    package var augment: String?

    @Option(
        help: ArgumentHelp("Variants of each image, where they are changed at all (default: 4).", valueName: "n"))
    package var variants: String?

    @Option(
        help: ArgumentHelp(
            "Objects with fewer pixels do not count where a crop keeps one whole (default: 1).", valueName: "pixels"))
    package var minObjectArea: String?

    @Option(
        help: ArgumentHelp(
            "Take format, augmentation, variants, least area and seed from the configuration of a training.",
            valueName: "yaml"))
    package var config: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run() throws {
        let console = global.activate()
        let set = try ShardSet(path: shards)
        let given = try weights.model(console)
        // With another size a training finds what belongs to the weights as `export` writes them for it.
        let model = weights.input.imageSize == nil ? given : given.withSettledPositions()
        let configuration = try trainingConfiguration()
        let run = try EmbeddingRun(set, model: model, blocks: blocks, configuration: configuration, folder: output)
        console.remark(run.plan.sentence)
        InterruptFlag.watch()
        let start = ContinuousClock.now
        let progress = ProgressReporter("encoding", unit: "images", console: console)
        defer { progress.finish() }
        let summary = try run.run(
            shouldStop: { InterruptFlag.isRaised },
            remark: { text in
                progress.finish()
                console.remark("cache: " + text)
            },
            progress: { done, total in progress.update(done: done, total: total) })
        progress.finish()
        let report = EmbeddingReport(
            shards: shards, weights: weights.weights, modelName: model.configuration.modelName,
            format: configuration.cacheFormat, plan: run.plan, summary: summary, seconds: start.secondsSince)
        console.result(global.json ? report.json.text(pretty: true) : report.text)
        if summary.wasInterrupted {
            console.remark("interrupted; the same command goes on")
            throw ExitCode(InterruptFlag.exitCode)
        }
    }

    private func trainingConfiguration() throws -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.augment = []
        if let config { configuration = try TrainingConfiguration.read(config) }
        let given = [
            ("cache-format", format), ("augment", augment), ("cache-variants", variants),
            ("min-object-area", minObjectArea),
        ]
        for (key, value) in given {
            if let value { try configuration.set(key, to: .text(value)) }
        }
        if let seed = global.seed { configuration.seed = seed }
        return configuration
    }
}
