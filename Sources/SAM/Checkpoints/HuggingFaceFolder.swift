private import Checkpoints
private import JSONText
private import Layers
private import Runtime

/// A folder that Hugging Face's `SamModel.from_pretrained` reads: weights and two small configurations.
package enum HuggingFaceFolder {
    private static let configurationName = "config.json"
    private static let processorName = "preprocessor_config.json"
    private static let weightsName = "model.safetensors"

    /// Bytes of the largest configuration that is read.
    private static let largestConfiguration = 1 << 20

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
            if let heads = json["mask_decoder_config"]?["num_attention_heads"]?.int {
                result.transformerNumHeads = heads
            }
            if case .vit(var vit) = result.encoder, let vision = json["vision_config"] {
                if let heads = vision["num_attention_heads"]?.int { vit.numHeads = heads }
                if let window = vision["window_size"]?.int { vit.windowSize = window }
                if let indexes = vision["global_attn_indexes"]?.array {
                    vit.globalAttentionIndexes = indexes.compactMap(\.int)
                }
                // Which tables are interpolated depends on the windows.
                let stored = (0..<vit.depth).map { configuration.vit.relativePositionRows(ofBlock: $0) }
                vit.relativePositionRows = [:]
                for (block, rows) in stored.enumerated() where rows != vit.relativePositionRows(ofBlock: block) {
                    vit.relativePositionRows[block] = rows
                }
                result.encoder = .vit(vit)
            }
        }
        if let json = try document(processorName, in: folder) {
            func colour(_ key: String) -> [Float]? {
                let numbers = (json[key]?.array ?? []).compactMap(\.double)
                // The files state numbers of 0...1; ours are of 0...255.
                return numbers.count == 3 ? numbers.map { Float($0 * 255) } : nil
            }
            if let mean = colour("image_mean") { result.preprocessing.mean = mean }
            if let std = colour("image_std") { result.preprocessing.std = std }
        }
        do throws(SAMError) {
            return try SAMConfiguration(json: result.json)
        } catch var error {
            error.location = DataLocation(path: FileSystem.join(folder, configurationName))
            throw error
        }
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
