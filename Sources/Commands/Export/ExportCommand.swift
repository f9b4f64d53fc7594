package import ArgumentParser
private import Checkpoints
private import JSONText
private import Layers
private import Runtime
package import SAM
private import Tensors

/// `samdata export`: a model's weights for other programs.
package struct ExportCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model's weights for other programs.",
        discussion: """
            From any checkpoint that samdata reads, to
              safetensors  the reference's names, with the configuration in the metadata
              pth          a state dict that torch.load(weights_only=True) reads and segment_anything's models load
              huggingface  a folder for SamModel.from_pretrained of Hugging Face transformers
              sam-lora     of a run with adapters for q and v, these alone: a .safetensors for Sam_LoRA, or with prompt encoder \
            and mask decoder a .pth for SAMed

            Adapters of a training run are merged into their base, and the answers of both ways are compared first.

            With --lora, the updates are merged into the weights; with --image-size, positions are interpolated once and for \
            all; with --preprocessing, the weights of a MedSAM say from then on how they want their images, in training too.

            Examples:
              samdata export run -o tuned.pth
              samdata export samples/nuclei/nano.safetensors -o nano-hf --to huggingface
              samdata export run -o adapter.safetensors --to sam-lora
            """)

    @Argument(
        help: ArgumentHelp(
            "Weights: .safetensors, .pth or .pt, a Hugging Face folder, a checkpoint's folder, or a training run.",
            valueName: "checkpoint"))
    package var checkpoint: String

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The file, or with huggingface the folder, to write.", valueName: "path"))
    package var output: String

    @Option(help: ArgumentHelp("Form of the weights (default: as the output's name says).", valueName: "form"))
    package var to: ExportFormat?

    @Option(
        help: ArgumentHelp(
            "Low-rank updates to add to the weights, as Sam_LoRA or SAMed save them.", valueName: "file"))
    package var lora: String?

    @Option(help: ArgumentHelp("Another side of the model's input than it has.", valueName: "pixels"))
    package var imageSize: Int?

    @Option(
        help: ArgumentHelp(
            "How images are to be prepared from now on: "
                + PreprocessingRecipe.named.map(\.name).joined(separator: ", ") + ".", valueName: "recipe"))
    package var preprocessing: PreprocessingRecipe?

    @Flag(help: "Write into a folder that is not empty.")
    package var force = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if to == nil && ExportFormat(path: output) == nil {
            throw ValidationError(
                "--output ends in neither .safetensors nor .pth and is no folder's name; say with --to what is wanted.")
        }
    }

    /// - Throws: `FileError.exists` for a folder with something in it, unless that is meant.
    private func checkVacancy() throws {
        guard FileSystem.isDirectory(output), !force, try !FileSystem.list(output).isEmpty else { return }
        throw FileError(.exists, path: output, "is not empty; give another --output, or --force to write into it")
    }

    package func run() throws {
        let console = global.activate()
        guard let format = to ?? ExportFormat(path: output) else { return }
        if format == .samLoRA { return try exportAdapter(console) }
        let opened = try SAMCheckpoint.open(
            checkpoint, options: CheckpointOptions(adapter: lora, imageSize: imageSize, preprocessing: preprocessing))
        for remark in opened.remarks { console.remark("\(checkpoint): \(remark)") }
        let difference = try checkMerge(of: opened.source, console)
        let model = try opened.model().withSettledPositions()
        switch format {
        case .safetensors, .samLoRA: try SAMCheckpoint.write(model, to: output)
        case .pth:
            try PyTorchArchive.write(SAMCheckpoint.state(of: model), to: output)
            if let known = try? SAMConfiguration.identify(from: StateDict(model.parameters)),
                known != model.configuration
            {
                console.remark(
                    "shapes alone do not tell all of this model's configuration; samdata finds it in an entry of its own, "
                        + "other programs must be told: \(model.configuration.metadataText)")
            }
        case .huggingface:
            try checkVacancy()
            try HuggingFaceFolder.write(model, to: output)
        }
        report(
            console, format: format, model: model.configuration.modelName, tensors: model.parameters.count,
            elements: model.parameters.reduce(0) { $0 + $1.count }, mergeDifference: difference)
    }

    /// Says what was written.
    func report(
        _ console: Console, format: ExportFormat, model: String, tensors: Int, elements: Int, mergeDifference: Double?
    ) {
        guard global.json else {
            console.result("\(output): \(model), \(elements) numbers in \(tensors) tensors, as \(format.rawValue)")
            return
        }
        let document: JSONValue = .object([
            JSONMember("schema_version", 1), JSONMember("command", "export"),
            JSONMember("checkpoint", .string(checkpoint)), JSONMember("output", .string(output)),
            JSONMember("format", .string(format.rawValue)),
            JSONMember("model", .string(model)), JSONMember("tensors", .integer(Int64(tensors))),
            JSONMember("elements", .integer(Int64(elements))),
            JSONMember("merge_difference", mergeDifference.map { .number($0) } ?? .null),
        ])
        console.result(document.text(pretty: true))
    }
}
