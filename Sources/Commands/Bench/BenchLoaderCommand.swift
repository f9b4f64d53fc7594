package import ArgumentParser
private import Augmentation
private import JSONText
package import Pipeline
private import Runtime
private import Shards

/// `samdata bench loader`: loads samples as a training would, and says what the time goes into.
package struct BenchLoaderCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "loader",
        abstract: "Load the samples of shards as training does, and print where the time goes.",
        discussion: """
            Work is summed over all threads; waiting is the time that a training would have stood still. Checksums are \
            verified always. Reading the samples that CopyPaste and Mosaic take parts of counts as augmentation. Shards on a web server that knows Range requests are named by their folder's address.

            Examples:
              samdata bench loader shards/train
              samdata bench loader shards/train --resize 1024 --augment HorizontalFlip,ColorJitter --batch-size 4
              samdata bench loader http://127.0.0.1:8080/shards/train/ --shuffle window=2000 --max-seconds 20 --json
            """)

    @Argument(help: ArgumentHelp("Directory of shards, or the address of a folder of them.", valueName: "shards"))
    package var shards: String

    @Option(
        help: ArgumentHelp(
            "Order of an epoch: none, global, or window=N (shards in random order, N samples in a row shuffled).",
            valueName: "order"))
    package var shuffle: LoaderShuffle = .global

    @Option(help: ArgumentHelp("Samples that are asked for at a time.", valueName: "n"))
    package var batchSize = 8

    @Flag(help: "Decode images, and draw masks.")
    package var decode = false

    @Option(help: ArgumentHelp("Decode, and scale images and masks to this longest side.", valueName: "px"))
    package var resize: Int?

    @Option(
        help: ArgumentHelp(
            "Decode and augment: names of steps, YAML in brackets, or a file of stages (schemas/augmentation.schema.json).",
            valueName: "steps"))
    package var augment: String?

    @Option(help: ArgumentHelp("Passes over the data.", valueName: "n"))
    package var epochs = 1

    @Option(help: ArgumentHelp("Stop after so many seconds.", valueName: "s"))
    package var maxSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "Records that cannot be read: fail, skip, or the number of them that may be left out.", valueName: "policy")
    )
    package var onCorrupt: CorruptRecordPolicy = .fail

    @Option(help: ArgumentHelp("Number of this process among --world-size, from 0.", valueName: "r"))
    package var rank = 0

    @Option(help: ArgumentHelp("Processes that share an epoch.", valueName: "n"))
    package var worldSize = 1

    @Option(
        help: ArgumentHelp(
            "When fewer samples are left than processes: short (some end earlier) or repeat (samples come twice).",
            valueName: "policy"))
    package var lastTurn: LoaderShare.LastTurn = .short

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        func demand(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            if !range.contains(value) {
                throw ValidationError(
                    "\(option) must be from \(range.lowerBound) to \(range.upperBound), not \(value).")
            }
        }
        try demand("--batch-size", batchSize, 1...65536)
        try demand("--epochs", epochs, 1...1_000_000)
        try demand("--world-size", worldSize, 1...1_000_000)
        try demand("--rank", rank, 0...worldSize - 1)
        if let resize { try demand("--resize", resize, 1...16384) }
        if let maxSeconds, !(maxSeconds > 0 && maxSeconds <= 1e6) {
            throw ValidationError("--max-seconds must be above 0 and at most 1000000, not \(maxSeconds).")
        }
    }

    package func run() throws {
        let console = global.activate()
        var trial = LoaderTrial()
        trial.shuffle = shuffle
        trial.share = LoaderShare(rank: rank, worldSize: worldSize, lastTurn: lastTurn)
        trial.onCorrupt = onCorrupt
        trial.batchSize = batchSize
        trial.seed = global.seed ?? 0
        trial.decodes = decode
        trial.longestSide = resize
        trial.augmentation = try augment.map(AugmentationArgument.chain)
        trial.epochs = epochs
        trial.secondsLimit = maxSeconds
        // Of damaged shards, the records that are not there are left out one by one.
        let set = try ShardSet(path: shards, toleratesDamage: onCorrupt != .fail)
        InterruptFlag.watch()
        let progress = ProgressReporter("loading", unit: "samples", console: console)
        defer { progress.finish() }
        let outcome = try trial.run(set) { done, total in
            progress.update(done: done, total: total)
            return !InterruptFlag.isRaised
        }
        progress.finish()
        let damages = set.damages.map { "\($0)" }
        damages.forEach(console.remark)
        for finding in outcome.findings.prefix(20) { console.remark(finding.description) }
        if outcome.findings.count > 20 {
            console.remark("\(outcome.findings.count - 20) more records were left out; --json lists them all")
        }
        let report = LoaderReport(
            shards: shards, trial: trial, threads: Workers.count, outcome: outcome, damages: damages)
        console.result(global.json ? report.json.text(pretty: true) : report.text)
    }
}

extension LoaderShuffle: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}

extension CorruptRecordPolicy: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}

extension LoaderShare.LastTurn: ExpressibleByArgument {}
