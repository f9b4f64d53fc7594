internal import Checkpoints
private import Foundation
internal import JSONText
private import Runtime
internal import SAM

/// What there is to say about a file of tensors.
struct CheckpointInspection {
    let file: CheckpointFile
    /// The same recognised, where it is a model that samdata runs.
    let opened: OpenedCheckpoint?
    /// The same as low-rank updates, where it is that.
    let adapter: LoRAAdapter?
    /// The same as what samdata trained beside a base, where it is that.
    let trained: AdapterCheckpoint?

    /// The tensors as they are in the file, but for prefixes of wrappers.
    private var state: StateDict { file.state }
    private var model: SAMConfiguration? { opened?.configuration }

    /// Ends of the names of tensors that are stored with a model but not trained.
    private static let bufferSuffixes = [
        "positional_encoding_gaussian_matrix", "running_mean", "running_var", "num_batches_tracked",
    ]

    /// Number of tensors by element type, in the order of the types' names.
    private var scalarTypes: [(name: String, count: Int)] {
        let counts = Dictionary(grouping: state.entries) { $0.tensor.scalarType.rawValue }.mapValues(\.count)
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Elements of the model's tensors that training may change, and of those that it may not.
    private func elements(of model: SAMConfiguration) -> (parameters: Int, buffers: Int) {
        model.tensorShapes.reduce(into: (parameters: 0, buffers: 0)) { sums, tensor in
            let count = tensor.shape.reduce(1, *)
            let isBuffer = Self.bufferSuffixes.contains { tensor.name.hasSuffix($0) }
            if isBuffer { sums.buffers += count } else { sums.parameters += count }
        }
    }

    /// Tensors that the model has no place for.
    private func surplus(of model: SAMConfiguration) -> [String] {
        let known = Set(model.tensorShapes.map(\.name))
        return (opened?.state ?? state).names.filter { !known.contains($0) }
    }

    // MARK: For people

    var text: String {
        let types = scalarTypes.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        var lines = [
            "checkpoint:      \(shownPath)",
            "format:          \(file.report.format.rawValue)"
                + (file.report.files.count > 2 ? ", \(file.report.files.count - 1) files" : ""),
            "tensors:         \(state.count) (\(types.isEmpty ? "none" : types)), \(state.elementCount) elements, "
                + "\(ByteSize(bytes: state.byteCount))",
        ]
        if !file.report.unwrapped.isEmpty {
            lines.append(
                "unwrapped:       the tensors stand under \(file.report.unwrapped.joined(separator: ".").onOneLine)")
        }
        if !file.report.strippedPrefixes.isEmpty {
            lines.append("taken off names: \(file.report.strippedPrefixes.joined(separator: ", "))")
        }
        if file.report.ignoredCount > 0 {
            lines.append("left out:        \(file.report.ignoredCount) values: \(ignoredText)")
        }
        if let opened { lines += modelLines(opened) }
        if let adapter {
            lines.append(
                "adapter:         low-rank updates of rank \(adapter.rank) for the queries and values of "
                    + "\(adapter.blockCount) blocks"
                    + (adapter.replacedCount == 0 ? "" : "; \(adapter.replacedCount) tensors of the decoder side"))
        }
        if let trained { lines += Self.adapterLines(trained) }
        if !state.metadata.isEmpty {
            lines.append("metadata:")
            lines += sortedMetadata.map { "  \($0.key.onOneLine): \($0.value.onOneLine)" }
        }
        var table = TextTable([
            (title: "tensor", alignment: .left), (title: "type", alignment: .left), (title: "shape", alignment: .left),
            (title: "elements", alignment: .right),
        ])
        for entry in state.entries {
            table.add([
                entry.name.onOneLine, entry.tensor.scalarType.rawValue,
                entry.tensor.shape.map(String.init).joined(separator: " x "), "\(entry.tensor.elementCount)",
            ])
        }
        return (lines + ["", table.render()]).joined(separator: "\n")
    }

    /// The path as given, or the one file that was meant by it.
    private var shownPath: String { file.report.files.count == 1 ? file.report.files[0] : file.path }

    private var ignoredText: String {
        let shown = file.report.ignored.prefix(5).map { "\($0.name) (\($0.content))".onOneLine }
        return shown.joined(separator: ", ") + (file.report.ignoredCount > shown.count ? ", ..." : "")
    }

    private func modelLines(_ opened: OpenedCheckpoint) -> [String] {
        let model = opened.configuration
        let counts = elements(of: model)
        var lines = [
            "model:           \(Self.familyName(model.family)), \(model.modelName), told by \(opened.teller.rawValue)",
            "parameters:      \(counts.parameters), and \(counts.buffers) elements that are not trained",
            "image encoder:   " + encoderText(model.encoder),
            "mask decoder:    width \(model.promptEmbedDim), \(model.transformerDepth) layers, "
                + "\(model.transformerNumHeads) heads, MLP \(model.transformerMLPDim); "
                + "\(model.numMaskTokens) masks of \(model.lowResSize) x \(model.lowResSize)",
            "preprocessing:   " + preprocessingText(model),
        ]
        let extra = surplus(of: model)
        if !extra.isEmpty {
            lines.append("not the model's:  \(extra.map(\.onOneLine).joined(separator: ", "))")
        }
        return lines
    }

    private static func familyName(_ family: SAMConfiguration.Family) -> String {
        switch family {
        case .sam: "Segment Anything"
        case .samHQ: "SAM-HQ"
        case .efficientSAM: "EfficientSAM"
        }
    }

    private func encoderText(_ encoder: SAMConfiguration.Encoder) -> String {
        switch encoder {
        case .vit(let vit):
            let blocks = vit.globalAttentionIndexes
            let attention =
                blocks.count == vit.depth
                ? "global attention in every block"
                : "windows of \(vit.windowSize)"
                    + (blocks.isEmpty
                        ? "" : ", global attention in blocks \(blocks.map(String.init).joined(separator: ", "))")
            let pruned =
                vit.attentionDims.isEmpty && vit.mlpDims.isEmpty
                ? ""
                : "; pruned, with other widths in \(Set(vit.attentionDims.keys).union(vit.mlpDims.keys).count) blocks"
            return "input \(vit.imageSize), patch \(vit.patchSize), width \(vit.embedDim), \(vit.depth) blocks, "
                + "\(vit.numHeads) heads, MLP \(vit.mlpDim); \(attention)\(pruned)"
        case .tinyViT(let vit):
            func list(_ values: some Sequence<Int>) -> String { values.map(String.init).joined(separator: ", ") }
            return "TinyViT, input \(vit.imageSize), widths \(list(vit.embedDims)), blocks \(list(vit.depths)), heads "
                + "\(list(vit.numHeads.dropFirst())), windows of \(list(vit.windowSizes.dropFirst()))"
        case .plainViT(let vit):
            return "input \(vit.imageSize), patch \(vit.patchSize), width \(vit.embedDim), \(vit.depth) blocks, "
                + "\(vit.numHeads) heads, MLP \(vit.mlpDim); global attention in every block, positions interpolated "
                + "from a grid of \(vit.positionGridSize)"
        }
    }

    private func preprocessingText(_ model: SAMConfiguration) -> String {
        let recipe = model.preprocessing
        let range =
            switch recipe.range {
            case .bytes: ""
            case .unit: "divided by 255, "
            case .minMax: "stretched to 0...1, "
            case .minMaxBytes: "stretched to 0...255, "
            }
        let fit = recipe.fit == .stretch ? "both sides" : "longest side"
        let name = recipe == .sam ? "" : recipe.name.map { "as \($0): " } ?? ""
        return "\(name)\(fit) to \(model.imageSize), \(range)"
            + "mean \(Self.list(recipe.mean)), deviation \(Self.list(recipe.std))"
            + (recipe.fit == .stretch ? "" : ", padded with zeros right and below")
    }

    private var sortedMetadata: [(key: String, value: String)] {
        state.metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private static func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: " ") }

    // MARK: For programs

    /// `schemas/inspect.schema.json` describes them.
    var members: [JSONMember] {
        let tensors = state.entries.map { entry -> JSONValue in
            .object([
                JSONMember("name", .string(entry.name)), JSONMember("dtype", .string(entry.tensor.scalarType.rawValue)),
                JSONMember("shape", .array(entry.tensor.shape.map { .integer(Int64($0)) })),
            ])
        }
        return [
            JSONMember("file", .string(shownPath)), JSONMember("format", .string(file.report.format.rawValue)),
            JSONMember("unwrapped", .array(file.report.unwrapped.map { .string($0) })),
            JSONMember("stripped_prefixes", .array(file.report.strippedPrefixes.map { .string($0) })),
            JSONMember("ignored", .array(file.report.ignored.map { .string("\($0.name): \($0.content)") })),
            JSONMember("tensors", .integer(Int64(state.count))),
            JSONMember("bytes", .integer(Int64(state.byteCount))),
            JSONMember("elements", .integer(Int64(state.elementCount))),
            JSONMember("dtypes", .object(scalarTypes.map { JSONMember($0.name, .integer(Int64($0.count))) })),
            JSONMember("model", model.map(modelObject) ?? .null),
            JSONMember("adapter", adapter.map(Self.adapterObject) ?? trained.map(Self.adapterObject) ?? .null),
            JSONMember("metadata", .object(sortedMetadata.map { JSONMember($0.key, .string($0.value)) })),
            JSONMember("tensor_list", .array(tensors)),
        ]
    }

    private func modelObject(_ model: SAMConfiguration) -> JSONValue {
        let counts = elements(of: model)
        return .object([
            JSONMember("family", .string(model.family.rawValue)), JSONMember("name", .string(model.modelName)),
            JSONMember("parameters", .integer(Int64(counts.parameters))),
            JSONMember("buffer_elements", .integer(Int64(counts.buffers))), JSONMember("configuration", model.json),
            JSONMember("surplus_tensors", .array(surplus(of: model).map { .string($0) })),
        ])
    }

    private static func adapterObject(_ adapter: LoRAAdapter) -> JSONValue {
        .object([
            JSONMember("rank", .integer(Int64(adapter.rank))),
            JSONMember("blocks", .integer(Int64(adapter.blockCount))),
            JSONMember("replaced_tensors", .integer(Int64(adapter.replacedCount))),
        ])
    }
}
