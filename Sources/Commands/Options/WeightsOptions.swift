package import ArgumentParser
private import Runtime
package import SAM

/// The options that say which model a command uses.
package struct WeightsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights: .safetensors, .pth or .pt, a Hugging Face folder, a checkpoint's folder, or a training run (its best).",
            valueName: "file"))
    package var weights: String

    @OptionGroup package var input: ModelInputOptions

    package init() {}

    /// What the options ask beyond the weights.
    var options: CheckpointOptions { input.options }

    /// The model; what was done to its tensors is remarked.
    ///
    /// - Throws: as `SAMCheckpoint.open`.
    func model(_ console: Console) throws -> SAMModel { try input.model(weights, console) }
}

/// The options that say how weights become a model, wherever the weights are named.
package struct ModelInputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Low-rank updates to add to the weights, as Sam_LoRA or SAMed save them.", valueName: "file"))
    package var lora: String?

    @Option(
        help: ArgumentHelp(
            "Side of the model's input, where it is not to be the one it was trained with.", valueName: "pixels"))
    package var imageSize: Int?

    @Option(
        help: ArgumentHelp(
            "How images are prepared, for weights that do not say it: "
                + PreprocessingRecipe.named.map(\.name).joined(separator: ", ") + ".", valueName: "recipe"))
    package var preprocessing: PreprocessingRecipe?

    package init() {}

    /// What the options ask beyond the weights.
    var options: CheckpointOptions {
        CheckpointOptions(adapter: lora, imageSize: imageSize, preprocessing: preprocessing)
    }

    /// Whether any of them is given.
    var isSet: Bool { lora != nil || imageSize != nil || preprocessing != nil }

    /// The model of some weights; what was done to its tensors is remarked.
    ///
    /// - Throws: as `SAMCheckpoint.open`.
    func model(_ weights: String, _ console: Console) throws -> SAMModel {
        let opened: OpenedCheckpoint
        do {
            opened = try SAMCheckpoint.open(weights, options: options)
        } catch let error as FileError where error.code == .missing && ModelName.preset(weights) != nil {
            var named = error
            named.message += "; --weights wants a file, and a model's name goes with --model of samdata train"
            throw named
        }
        for remark in opened.remarks { console.remark("\(weights): \(remark)") }
        return try opened.model()
    }
}

/// A recipe by its name on the command line.
extension PreprocessingRecipe: ExpressibleByArgument {
    package init?(argument: String) {
        guard let recipe = Self.named.first(where: { $0.name == argument.lowercased() })?.recipe else { return nil }
        self = recipe
    }

    package static var allValueStrings: [String] { named.map(\.name) }
    package var defaultValueDescription: String { name ?? "" }
}
