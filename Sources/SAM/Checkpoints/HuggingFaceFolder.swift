private import Checkpoints
private import JSONText
private import Layers
private import Runtime

/// A folder that Hugging Face's `SamModel.from_pretrained` reads: weights and two small configurations.
package enum HuggingFaceFolder {
    private static let configurationName = "config.json"
    private static let processorName = "preprocessor_config.json"
    /// Where `SamProcessor` of transformers 5 keeps the same, one level deeper.
    private static let newProcessorName = "processor_config.json"
    private static let weightsName = "model.safetensors"

    /// Bytes of the largest configuration that is read.
    private static let largestConfiguration = 1 << 20

    /// Whether a folder says what shapes do not tell.
    static func hasConfiguration(_ folder: String) -> Bool {
        FileSystem.exists(FileSystem.join(folder, configurationName))
    }

    /// Corrects a configuration that was told from shapes by what the folder's files say and shapes cannot: heads,
    /// windows, mean and deviation.
    ///
    /// - Parameters:
    ///   - configuration: told from shapes.
    ///   - folder: where the weights came from; without the files nothing changes.
    /// - Throws: `SAMError.configuration` for files that contradict the tensors or are not JSON.
    package static func refine(
        _ configuration: SAMConfiguration, folder: String
    ) throws(SAMError) -> SAMConfiguration {
        var result = configuration
        if let json = try document(configurationName, in: folder) {
            if let name = json["model_type"]?.string, name != "sam" {
                throw SAMError(
                    .family, at: DataLocation(path: FileSystem.join(folder, configurationName)),
                    "model_type is \(name); of Hugging Face's models, sam is the one that is read")
            }
            try demand(json, file: configurationName, folder: folder)
            do throws(SAMError) {
                try read(json, into: &result)
            } catch var error {
                error.location = DataLocation(path: FileSystem.join(folder, configurationName))
                throw error
            }
        }
        let new = try document(newProcessorName, in: folder)
        if let json = try document(processorName, in: folder) ?? new?["image_processor"] {
            try readProcessor(json, into: &result, folder: folder)
        }
        do throws(SAMError) {
            return try SAMConfiguration(json: result.json)
        } catch var error {
            error.location = DataLocation(path: FileSystem.join(folder, configurationName))
            throw error
        }
    }

    /// What a model of ours computes cannot be changed, so a file that asks for something else is refused.
    private static let fixed: [(path: [String], allowed: [JSONValue])] = [
        (["vision_config", "hidden_act"], ["gelu"]), (["vision_config", "layer_norm_eps"], [.number(1e-6)]),
        (["vision_config", "use_rel_pos"], [true]), (["vision_config", "use_abs_pos"], [true]),
        (["vision_config", "qkv_bias"], [true]), (["prompt_encoder_config", "hidden_act"], ["gelu"]),
        (["prompt_encoder_config", "layer_norm_eps"], [.number(1e-6)]),
        (["mask_decoder_config", "hidden_act"], ["relu"]),
        // transformers' own default, and the reference's.
        (["mask_decoder_config", "layer_norm_eps"], [.number(1e-6), .number(1e-5)]),
    ]

    private static func demand(_ json: JSONValue, file: String, folder: String) throws(SAMError) {
        for (path, allowed) in fixed {
            let value = path.reduce(json as JSONValue?) { $0?[$1] }
            guard let value, !allowed.contains(value) else { continue }
            throw SAMError(
                .configuration, at: DataLocation(path: FileSystem.join(folder, file)),
                "\(path.joined(separator: ".")) is \(value.text(pretty: false)); a SAM has "
                    + allowed.map { $0.text(pretty: false) }.joined(separator: " or "))
        }
    }

    /// Heads and windows, which shapes do not tell.
    private static func read(_ json: JSONValue, into result: inout SAMConfiguration) throws(SAMError) {
        if let heads = json["mask_decoder_config"]?["num_attention_heads"] {
            result.transformerNumHeads = try ConfigurationValue.integer(heads, of: "num_attention_heads", 1...1024)
        }
        guard case .vit(var vit) = result.encoder, let vision = json["vision_config"] else { return }
        let stored = (0..<vit.depth).map { vit.relativePositionRows(ofBlock: $0) }
        if let heads = vision["num_attention_heads"] {
            vit.numHeads = try ConfigurationValue.integer(heads, of: "num_attention_heads", 1...1024)
        }
        if let window = vision["window_size"] {
            vit.windowSize = try ConfigurationValue.integer(window, of: "window_size", 0...4096)
        }
        if let indexes = vision["global_attn_indexes"] {
            vit.globalAttentionIndexes = try ConfigurationValue.integers(indexes, of: "global_attn_indexes", 0...1023)
        }
        // Which tables are interpolated depends on the windows.
        vit.relativePositionRows = [:]
        for (block, rows) in stored.enumerated() where rows != vit.relativePositionRows(ofBlock: block) {
            vit.relativePositionRows[block] = rows
        }
        result.encoder = .vit(vit)
    }

    /// Mean and deviation, of values of 0...1 in the file, of 0...255 in ours.
    private static func readProcessor(
        _ json: JSONValue, into result: inout SAMConfiguration, folder: String
    ) throws(SAMError) {
        func failure(_ message: String) -> SAMError {
            SAMError(.configuration, at: DataLocation(path: FileSystem.join(folder, processorName)), message)
        }
        for key in ["do_normalize", "do_rescale", "do_resize", "do_pad"] where json[key] == false {
            throw failure("\(key) is false; images for a SAM are resized, rescaled, normalised and padded")
        }
        func colour(_ key: String) throws(SAMError) -> [Float]? {
            guard let value = json[key], !value.isNull else { return nil }
            let numbers = (value.array ?? []).compactMap(\.double)
            guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else {
                throw failure("\(key) is \(value.text(pretty: false)); three numbers are wanted")
            }
            return numbers.map { Float($0 * 255) }
        }
        if let mean = try colour("image_mean") { result.preprocessing.mean = mean }
        if let std = try colour("image_std") { result.preprocessing.std = std }
    }

    private static func document(_ name: String, in folder: String) throws(SAMError) -> JSONValue? {
        let path = FileSystem.join(folder, name)
        guard FileSystem.exists(path) else { return nil }
        do {
            let bytes = try FileSystem.read(path)
            guard bytes.count <= largestConfiguration else {
                throw SAMError(
                    .configuration, at: DataLocation(path: path),
                    "\(bytes.count) bytes are too many for a configuration")
            }
            return try bytes.withUnsafeBytes { try JSONDocument.parse($0, path: path) }
        } catch let error as SAMError {
            throw error
        } catch {
            throw SAMError(
                .configuration, at: DataLocation(path: path), "the configuration cannot be read", cause: error)
        }
    }

    /// Writes a model's folder; files that are there are replaced, each atomically.
    ///
    /// - Throws: `SAMError.family` for a model that `SamModel` cannot hold; `FileError`.
    package static func write(_ model: SAMModel, to folder: String) throws {
        let configuration = model.configuration
        try requireSamModel(configuration)
        try FileSystem.createDirectory(folder)
        var state = StateDict(model.parameters).withHuggingFaceNames
        state.metadata = ["format": "pt"]
        try SafeTensors.write(state, to: FileSystem.join(folder, weightsName))
        func write(_ json: JSONValue, _ name: String) throws {
            try AtomicFileWriter.write(Array((json.text(pretty: true) + "\n").utf8), to: FileSystem.join(folder, name))
        }
        try write(processor(configuration), processorName)
        try write(json(configuration), configurationName)
    }

    private static func requireSamModel(_ configuration: SAMConfiguration) throws(SAMError) {
        guard configuration.family == .sam, case .vit(let vit) = configuration.encoder else {
            throw SAMError(.family, "Hugging Face's SamModel is SAM with a ViT encoder, not \(configuration.modelName)")
        }
        guard vit.attentionDims.isEmpty, vit.mlpDims.isEmpty else {
            throw SAMError(
                .family, "Hugging Face's SamModel has one width in all blocks; this model was pruned by layer")
        }
        guard vit.relativePositionRows.isEmpty else {
            throw SAMError(
                .family, "Hugging Face's SamModel has relative positions of its input's size; settle the model's first")
        }
        guard configuration.attentionDownsampleRate == 2 else {
            throw SAMError(
                .family,
                "Hugging Face's SamModel has cross-attentions of half the width, not of one part in "
                    + "\(configuration.attentionDownsampleRate)")
        }
        guard configuration.promptEmbedDim % 2 == 0, configuration.preprocessing.fit == .longestSide,
            configuration.preprocessing.range == .bytes
        else {
            throw SAMError(.family, "Hugging Face's SamProcessor prepares images as SAM does, not as this model wants")
        }
    }

    private static func json(_ configuration: SAMConfiguration) -> JSONValue {
        let vit = configuration.vit
        func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        let vision: [JSONMember] = [
            JSONMember("attention_dropout", .number(0)),
            JSONMember("global_attn_indexes", .array(vit.globalAttentionIndexes.map(integer))),
            JSONMember("hidden_act", "gelu"), JSONMember("hidden_size", integer(vit.embedDim)),
            JSONMember("image_size", integer(vit.imageSize)), JSONMember("initializer_range", .number(1e-10)),
            JSONMember("layer_norm_eps", .number(1e-6)), JSONMember("mlp_dim", integer(vit.mlpDim)),
            JSONMember("mlp_ratio", .number(Double(vit.mlpDim) / Double(vit.embedDim))),
            JSONMember("model_type", "sam_vision_model"), JSONMember("num_attention_heads", integer(vit.numHeads)),
            JSONMember("num_channels", integer(3)), JSONMember("num_hidden_layers", integer(vit.depth)),
            JSONMember("num_pos_feats", integer(configuration.promptEmbedDim / 2)),
            JSONMember("output_channels", integer(configuration.promptEmbedDim)),
            JSONMember("patch_size", integer(vit.patchSize)), JSONMember("qkv_bias", .bool(true)),
            JSONMember("scale", integer(vit.embedDim / 2)), JSONMember("use_abs_pos", .bool(true)),
            JSONMember("use_rel_pos", .bool(true)), JSONMember("window_size", integer(vit.windowSize)),
        ]
        let prompts: [JSONMember] = [
            JSONMember("hidden_act", "gelu"), JSONMember("hidden_size", integer(configuration.promptEmbedDim)),
            JSONMember("image_embedding_size", integer(configuration.gridSize)),
            JSONMember("image_size", integer(configuration.imageSize)), JSONMember("layer_norm_eps", .number(1e-6)),
            JSONMember("mask_input_channels", integer(configuration.maskInChannels)),
            JSONMember("model_type", "sam_prompt_encoder"), JSONMember("num_point_embeddings", integer(4)),
            JSONMember("patch_size", integer(vit.patchSize)),
        ]
        let decoder: [JSONMember] = [
            JSONMember("attention_downsample_rate", integer(configuration.attentionDownsampleRate)),
            JSONMember("hidden_act", "relu"), JSONMember("hidden_size", integer(configuration.promptEmbedDim)),
            JSONMember("iou_head_depth", integer(configuration.iouHeadDepth)),
            JSONMember("iou_head_hidden_dim", integer(configuration.iouHeadHiddenDim)),
            // The reference's norms here have 1e-5.
            JSONMember("layer_norm_eps", .number(1e-5)),
            JSONMember("mlp_dim", integer(configuration.transformerMLPDim)),
            JSONMember("model_type", "sam_mask_decoder"),
            JSONMember("num_attention_heads", integer(configuration.transformerNumHeads)),
            JSONMember("num_hidden_layers", integer(configuration.transformerDepth)),
            JSONMember("num_multimask_outputs", integer(configuration.numMultimaskOutputs)),
        ]
        return .object([
            JSONMember("architectures", ["SamModel"]), JSONMember("dtype", "float32"),
            JSONMember("mask_decoder_config", .object(decoder)), JSONMember("model_type", "sam"),
            JSONMember("prompt_encoder_config", .object(prompts)), JSONMember("vision_config", .object(vision)),
        ])
    }

    private static func processor(_ configuration: SAMConfiguration) -> JSONValue {
        func side(_ value: Int) -> JSONValue {
            .object([JSONMember("height", .integer(Int64(value))), JSONMember("width", .integer(Int64(value)))])
        }
        func longest(_ value: Int) -> JSONValue { .object([JSONMember("longest_edge", .integer(Int64(value)))]) }
        let recipe = configuration.preprocessing
        func shares(_ values: [Float]) -> JSONValue {
            // 123.675 / 255 is 0.485 in as many digits as a Float holds.
            .array(values.map { .number(Double(($0 / 255).description) ?? 0) })
        }
        return .object([
            JSONMember("do_convert_rgb", .bool(true)), JSONMember("do_normalize", .bool(true)),
            JSONMember("do_pad", .bool(true)), JSONMember("do_rescale", .bool(true)),
            JSONMember("do_resize", .bool(true)), JSONMember("image_mean", shares(recipe.mean)),
            JSONMember("image_processor_type", "SamImageProcessor"), JSONMember("image_std", shares(recipe.std)),
            JSONMember("mask_pad_size", side(configuration.lowResSize)),
            JSONMember("mask_size", longest(configuration.lowResSize)),
            JSONMember("pad_size", side(configuration.imageSize)),
            JSONMember("processor_class", "SamProcessor"), JSONMember("resample", .integer(2)),
            JSONMember("rescale_factor", .number(1.0 / 255)), JSONMember("size", longest(configuration.imageSize)),
        ])
    }
}
