package import Checkpoints
private import JSONText

extension SAMConfiguration {
    /// The metadata key under which the configuration is stored in our checkpoints.
    package static let metadataKey = "samdata.configuration"

    /// The configuration of the model that a checkpoint holds: as its metadata states it, or else from the shapes of
    /// its tensors.
    ///
    /// Shapes leave three things open, which are then taken as in the reference: the two-way transformer has 8 heads,
    /// the image is normalised with SAM's mean and deviation, and a block whose tables are shorter than others' attends
    /// in windows.
    ///
    /// - Throws: `SAMError.family` when the tensors are not those of a ViT-SAM, `.configuration` when the dimensions
    ///   contradict each other or the tensors.
    package static func identify(from state: StateDict) throws(SAMError) -> SAMConfiguration {
        let configuration: SAMConfiguration
        if let text = state.metadata[metadataKey] {
            configuration = try SAMConfiguration(metadata: text)
        } else {
            configuration = try ShapeReader(state: state).configuration()
        }
        try configuration.check(against: state)
        return configuration
    }

    /// The text that ``metadataKey`` holds.
    package var metadataText: String { json.text(pretty: false) }

    private init(metadata text: String) throws(SAMError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONDocument.parse(text)
        } catch {
            throw SAMError(.configuration, "the metadata \(Self.metadataKey) is not JSON", cause: error)
        }
        try self.init(json: json)
    }

    /// Demands that every tensor of the model is there in its shape; others are no concern here.
    private func check(against state: StateDict) throws(SAMError) {
        for tensor in tensorShapes {
            guard let found = state[tensor.name] else {
                throw SAMError(.configuration, "the checkpoint lacks tensor \(tensor.name) of shape \(tensor.shape)")
            }
            guard found.shape == tensor.shape else {
                throw SAMError(
                    .configuration,
                    "tensor \(tensor.name) has shape \(found.shape); \(tensor.shape) is wanted by the other dimensions")
            }
        }
    }
}

/// Reads a model's dimensions off the shapes of its tensors.
private struct ShapeReader {
    let state: StateDict

    func configuration() throws(SAMError) -> SAMConfiguration {
        try refuseOtherFamilies()
        var result = SAMConfiguration()
        let patch = try shape("image_encoder.patch_embed.proj.weight", rank: 4)
        let position = try shape("image_encoder.pos_embed", rank: 4)
        result.embedDim = patch[0]
        result.patchSize = patch[2]
        result.imageSize = position[1] * patch[2]
        result.depth = count { "image_encoder.blocks.\($0).norm1.weight" }
        result.mlpDim = try shape("image_encoder.blocks.0.mlp.lin1.weight", rank: 2)[0]
        let headDim = try shape("image_encoder.blocks.0.attn.rel_pos_h", rank: 2)[1]
        result.numHeads = headDim > 0 ? patch[0] / headDim : 0
        try readAttention(&result)

        result.promptEmbedDim = try shape("image_encoder.neck.0.weight", rank: 4)[0]
        result.maskInChannels = try shape("prompt_encoder.mask_downscaling.3.weight", rank: 4)[0]
        let layers = "mask_decoder.transformer.layers"
        result.transformerDepth = count { "\(layers).\($0).norm1.weight" }
        result.transformerMLPDim = try shape("\(layers).0.mlp.lin1.weight", rank: 2)[0]
        let narrow = try shape("\(layers).0.cross_attn_token_to_image.q_proj.weight", rank: 2)
        result.attentionDownsampleRate = narrow[0] > 0 ? narrow[1] / narrow[0] : 0
        result.numMultimaskOutputs = try shape("mask_decoder.mask_tokens.weight", rank: 2)[0] - 1
        result.iouHeadDepth = count { "mask_decoder.iou_prediction_head.layers.\($0).weight" }
        result.iouHeadHiddenDim = try shape("mask_decoder.iou_prediction_head.layers.0.weight", rank: 2)[0]
        // Through JSON, so that ranges and divisibility are checked in one place.
        return try SAMConfiguration(json: result.json)
    }

    /// Which blocks attend globally, and the window of the others, from the lengths of their tables.
    private func readAttention(_ result: inout SAMConfiguration) throws(SAMError) {
        var rows: [SAMConfiguration.RelativePositionRows] = []
        for block in 0..<result.depth {
            let path = "image_encoder.blocks.\(block).attn"
            rows.append(
                SAMConfiguration.RelativePositionRows(
                    height: try shape("\(path).rel_pos_h", rank: 2)[0],
                    width: try shape("\(path).rel_pos_w", rank: 2)[0]))
        }
        let lengths = Set(rows.map(\.height)).sorted()
        let native = 2 * result.gridSize - 1
        guard lengths.count <= 2, let longest = lengths.last, let shortest = lengths.first,
            lengths.count == 1 || shortest % 2 == 1
        else {
            throw SAMError(
                .configuration,
                "relative-position tables of \(lengths) rows do not tell windows from global attention; "
                    + "the checkpoint needs the metadata \(SAMConfiguration.metadataKey)")
        }
        let isAllWindows = lengths.count == 1 && longest < native && longest % 2 == 1
        result.windowSize = lengths.count == 2 || isAllWindows ? (shortest + 1) / 2 : 0
        result.globalAttentionIndexes =
            isAllWindows ? [] : rows.indices.filter { rows[$0].height == longest }
        for (block, rows) in rows.enumerated() where rows != result.relativePositionRows(ofBlock: block) {
            result.relativePositionRows[block] = rows
        }
    }

    private func count(_ name: (Int) -> String) -> Int {
        var count = 0
        while state[name(count)] != nil { count += 1 }
        return count
    }

    private func shape(_ name: String, rank: Int) throws(SAMError) -> [Int] {
        guard let tensor = state[name] else {
            throw SAMError(
                .family, "these are not the tensors of a Segment Anything model with a ViT encoder: \(name) is missing")
        }
        guard tensor.shape.count == rank else {
            throw SAMError(.configuration, "tensor \(name) has shape \(tensor.shape); \(rank) axes are wanted")
        }
        return tensor.shape
    }

    private func refuseOtherFamilies() throws(SAMError) {
        let families: [(mark: String, name: String)] = [
            ("image_encoder.patch_embed.seq.0", "MobileSAM (TinyViT encoder)"),
            ("mask_decoder.hf_token", "SAM-HQ"),
            ("vision_encoder.", "a SAM in the key names of Hugging Face transformers"),
            ("image_encoder.trunk.", "SAM 2"),
            ("image_encoder.backbone.", "EfficientViT-SAM or a relative of it"),
            ("image_encoder.stages.", "EdgeSAM or RepViT-SAM"),
        ]
        for (mark, name) in families where state.names.contains(where: { $0.hasPrefix(mark) }) {
            throw SAMError(
                .family, "the tensors are those of \(name); this version runs Segment Anything with a ViT encoder")
        }
    }
}
