internal import ArgumentParser
internal import Training

/// The options of `samdata train` that set a key of the configuration; each has the key's name.
package struct TrainOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Shards to validate on after each epoch.", valueName: "shards"))
    var val: String?

    @Option(
        help: ArgumentHelp(
            "Architecture: fast, light, balanced, accurate, or a model such as nano or vit_b (default: that of --weights, else nano).",
            valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Weights to start from (default: random ones).", valueName: "file"))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Train only these parameters, beside adapters: names with * and ?, or parts such as mask_decoder.",
            valueName: "globs"))
    var trainOnly: String?

    @Option(help: ArgumentHelp("Leave these parameters as they are.", valueName: "globs"))
    var freeze: String?

    @Option(
        help: ArgumentHelp(
            "What is trained, in place of --train-only: decoder, decoder+lora, last-4-blocks (any number) or full (default: full; with --lora-rank the adapters alone).",
            valueName: "name"))
    var preset: String?

    @Option(
        help: ArgumentHelp(
            "Parameters that join after so many epochs, such as 2:image_encoder.neck,4:last-4-blocks.",
            valueName: "epoch:glob"))
    var unfreeze: String?

    @Option(
        help: ArgumentHelp(
            "Train adapters of this rank in place of the layers that they stand beside (default: 0, none; with decoder+lora 4).",
            valueName: "r"))
    var loraRank: String?

    @Option(
        help: ArgumentHelp(
            "What gets adapters: q, k, v, out, mlp, decoder or globs, each with =RANK or =RANK:ALPHA where wanted (default: q,v).",
            valueName: "names"))
    var loraTargets: String?

    @Option(
        help: ArgumentHelp(
            "Adapter of low rank to start from, merged into the weights: a file of Sam_LoRA or SAMed.",
            valueName: "file"))
    var lora: String?

    @Option(
        help: ArgumentHelp(
            "Keep what the frozen part of the encoder makes of images: auto or off (default: auto).",
            valueName: "policy"))
    var cache: String?

    @Option(help: ArgumentHelp("Passes over the data (default: 20).", valueName: "n"))
    var epochs: String?

    @Option(help: ArgumentHelp("Images a forward pass (default: 1).", valueName: "b"))
    var batchSize: String?

    @Option(help: ArgumentHelp("Forward passes an optimiser step (default: 4).", valueName: "k"))
    var accumulate: String?

    @Option(help: ArgumentHelp("Objects drawn from an image each time it is seen (default: 16).", valueName: "n"))
    var objectsPerImage: String?

    @Flag(
        help:
            "Compute the encoder's blocks again on the way back instead of keeping what they need: less memory, more time."
    )
    var checkpointActivations = false

    @Option(
        help: ArgumentHelp(
            "f32; or bf16 or f16, with activations in half the memory and, of bf16, faster products where the processor has them (default: f32).",
            valueName: "format"))
    var precision: String?

    @Option(
        help: ArgumentHelp("Refuse to start a run that needs more memory, and say what would help.", valueName: "bytes")
    )
    var maxMemory: String?

    @Option(help: ArgumentHelp("End the run after so many validations without improvement.", valueName: "n"))
    var patience: String?

    @Option(
        help: ArgumentHelp("Plan fewer epochs where all would take longer; one is always run.", valueName: "minutes"))
    var maxMinutes: String?

    @Option(
        help: ArgumentHelp(
            "Peak learning rate (default: 1e-4 from given weights, 1e-3 from random ones).", valueName: "x"))
    var learningRate: String?

    @Option(help: ArgumentHelp("adamw, adam or sgd (default: adamw).", valueName: "name"))
    var optimizer: String?

    @Option(
        help: ArgumentHelp(
            "Course of the learning rate: cosine, constant, polynomial, step, plateau or one-cycle (default: cosine).",
            valueName: "name"))
    var schedule: String?

    @Option(
        help: ArgumentHelp(
            "Weights of the loss's terms (default: focal=20,dice=1,iou=1), or sam, dice-focal, dice-bce, micro-sam.",
            valueName: "terms"))
    var loss: String?

    @Option(
        help: ArgumentHelp(
            "How objects are asked for in a step: single, interactive or micro-sam (default: micro-sam from given weights, single from random ones).",
            valueName: "protocol"))
    var prompts: String?

    @Option(
        help: ArgumentHelp(
            "Random changes to images: dihedral, photometric, crop, or none (default: dihedral,photometric).",
            valueName: "families"))
    var augment: String?

    @Option(
        help: ArgumentHelp(
            "Order of an epoch: global, none, or window=N, which reads shards one after the other (default: global).",
            valueName: "order"))
    var shuffle: String?

    @Option(
        help: ArgumentHelp(
            "Records of the shards to train on that cannot be read: fail, skip, or how many may be left out; each is listed (default: fail).",
            valueName: "policy"))
    var skipCorrupt: String?

    @Option(help: ArgumentHelp("Leave out objects with fewer pixels (default: 1).", valueName: "pixels"))
    var minObjectArea: String?

    @Option(
        help: ArgumentHelp(
            "Before training, warn of classes of which an epoch shows fewer objects; 0: of none (default: 10).",
            valueName: "n"))
    var minPerClass: String?

    @Option(
        help: ArgumentHelp(
            "Where the run is recorded beside metrics.jsonl: tensorboard, mlflow, wandb, or none (default: tensorboard).",
            valueName: "names"))
    var track: String?

    @Option(help: ArgumentHelp("Address of an MLflow server (default: none, files in the run).", valueName: "url"))
    var mlflowUrl: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Set any key of the configuration, a list as [a, b] and a mapping as {a: 1}; may be given again. samples/train.yaml lists them.",
            valueName: "key=value"))
    var settings: [String] = []

    package init() {}

    /// What was given on the command line, by the configuration's keys.
    private var given: [(key: String, value: String?)] {
        [
            ("val", val), ("model", model), ("weights", weights), ("lora", lora), ("preset", preset),
            ("unfreeze", unfreeze), ("lora-rank", loraRank), ("lora-targets", loraTargets), ("cache", cache),
            ("train-only", trainOnly), ("freeze", freeze),
            ("epochs", epochs), ("batch-size", batchSize), ("accumulate", accumulate),
            ("objects-per-image", objectsPerImage),
            ("checkpoint-activations", checkpointActivations ? "true" : nil), ("precision", precision),
            ("max-memory", maxMemory), ("patience", patience), ("max-minutes", maxMinutes), ("optimizer", optimizer),
            ("schedule", schedule), ("prompts", prompts), ("track", track), ("mlflow-url", mlflowUrl),
            ("learning-rate", learningRate),
            ("loss", loss), ("shuffle", shuffle), ("augment", augment), ("min-object-area", minObjectArea),
            ("min-per-class", minPerClass), ("skip-corrupt", skipCorrupt),
        ]
    }

    /// What was given, as it was written.
    private func written() throws(TrainingError) -> [(key: String, text: String)] {
        var written: [(key: String, text: String)] = given.compactMap { key, value in value.map { (key, $0) } }
        for setting in settings {
            guard let separator = setting.firstIndex(of: "=") else {
                throw TrainingError(.configuration, "--set takes key=value, not '\(setting)'")
            }
            written.append((String(setting[..<separator]), String(setting[setting.index(after: separator)...])))
        }
        return written
    }

    /// The keys that were given.
    var givenKeys: Set<String> {
        get throws(TrainingError) { Set(try written().map(\.key)) }
    }

    /// Sets what was given.
    ///
    /// What a file says in the place of it gives way: beside `--train-only` there is no preset of the file's.
    ///
    /// - Returns: a sentence for each key of the file that gave way.
    func apply(to configuration: inout TrainingConfiguration) throws(TrainingError) -> [String] {
        let written = try written()
        let before = configuration
        for (key, text) in written { try configuration.set(key, written: text) }
        return try configuration.giveWay(to: Set(written.map(\.key)), from: before)
    }
}
