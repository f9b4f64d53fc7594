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
            "Train only these parameters: names with * and ?, or parts such as mask_decoder.", valueName: "globs"))
    var trainOnly: String?

    @Option(help: ArgumentHelp("Leave these parameters as they are.", valueName: "globs"))
    var freeze: String?

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
            "How activations are kept for the way back: f32, or bf16 or f16 in half the memory (default: f32).",
            valueName: "format"))
    var precision: String?

    @Option(
        help: ArgumentHelp("Plan fewer epochs where all would take longer; one is always run.", valueName: "minutes"))
    var maxMinutes: String?

    @Option(
        help: ArgumentHelp(
            "Peak learning rate (default: 1e-4 from given weights, 1e-3 from random ones).", valueName: "x"))
    var learningRate: String?

    @Option(help: ArgumentHelp("Weights of the loss's terms (default: focal=20,dice=1,iou=1).", valueName: "terms"))
    var loss: String?

    @Option(
        help: ArgumentHelp(
            "Random changes to images: dihedral, photometric, crop, or none (default: dihedral,photometric).",
            valueName: "families"))
    var augment: String?

    @Option(help: ArgumentHelp("Leave out objects with fewer pixels (default: 1).", valueName: "pixels"))
    var minObjectArea: String?

    package init() {}

    /// What was given on the command line, by the configuration's keys.
    private var given: [(key: String, value: String?)] {
        [
            ("val", val), ("model", model), ("weights", weights), ("train-only", trainOnly), ("freeze", freeze),
            ("epochs", epochs), ("batch-size", batchSize), ("accumulate", accumulate),
            ("objects-per-image", objectsPerImage),
            ("checkpoint-activations", checkpointActivations ? "true" : nil), ("precision", precision),
            ("max-minutes", maxMinutes),
            ("learning-rate", learningRate),
            ("loss", loss), ("augment", augment), ("min-object-area", minObjectArea),
        ]
    }

    /// Sets what was given.
    func apply(to configuration: inout TrainingConfiguration) throws(TrainingError) {
        for (key, value) in given {
            if let value { try configuration.set(key, to: .text(value)) }
        }
    }
}
