internal import Checkpoints

/// Reads a model's dimensions off the shapes of its tensors.
struct ShapeReader {
    let state: StateDict

    /// - Throws: `SAMError.family` for tensors of no family that is known, `.configuration` for ones that do not fit together.
    func configuration() throws(SAMError) -> SAMConfiguration {
        try refuseOtherFamilies()
        var result = SAMConfiguration()
        result.family = family
        if family == .efficientSAM {
            result.encoder = .plainViT(try plainViT())
            result.preprocessing = .efficientSAM
        } else {
            result.encoder = hasTinyViT ? .tinyViT(try tinyViT()) : .vit(try vit())
            result.maskInChannels = try shape("prompt_encoder.mask_downscaling.3.weight", rank: 4)[0]
        }
        let style = DecoderStyle(family)
        result.promptEmbedDim = try shape("image_encoder.neck.0.weight", rank: 4)[0]
        let layers = "mask_decoder.transformer.layers"
        result.transformerDepth = count { "\(layers).\($0).norm1.weight" }
        result.transformerMLPDim = try shape(style.blockLayers("\(layers).0.mlp")[0] + ".weight", rank: 2)[0]
        let narrow = try shape("\(layers).0.cross_attn_token_to_image.q_proj.weight", rank: 2)
        result.attentionDownsampleRate = narrow[0] > 0 ? narrow[1] / narrow[0] : 0
        result.numMultimaskOutputs = try shape("mask_decoder.mask_tokens.weight", rank: 2)[0] - 1
        let head = "mask_decoder.iou_prediction_head"
        result.iouHeadDepth = style.layerCount { state["\(head).\($0).weight"] != nil }
        result.iouHeadHiddenDim = try shape(style.layers(head, count: 2)[0] + ".weight", rank: 2)[0]
        // Through JSON, so that ranges and divisibility are checked in one place.
        return try SAMConfiguration(json: result.json)
    }

    /// What follows the image encoder, told by tensors that no other family has.
    private var family: SAMConfiguration.Family {
        if state["mask_decoder.hf_token.weight"] != nil { return .samHQ }
        return state["prompt_encoder.bbox_top_left_embeddings.weight"] != nil ? .efficientSAM : .sam
    }

    /// How many tensors there are whose names differ in a number from 0.
    func count(_ name: (Int) -> String) -> Int {
        var count = 0
        while state[name(count)] != nil { count += 1 }
        return count
    }

    /// The shape of a tensor that every model of the family has.
    func shape(_ name: String, rank: Int) throws(SAMError) -> [Int] {
        guard let tensor = state[name] else {
            throw SAMError(
                .family, "these are not the tensors of a Segment Anything model that is known: \(name) is missing")
        }
        guard tensor.shape.count == rank else {
            throw SAMError(.configuration, "tensor \(name) has shape \(tensor.shape); \(rank) axes are wanted")
        }
        return tensor.shape
    }

    private func refuseOtherFamilies() throws(SAMError) {
        let families: [(mark: String, name: String)] = [
            ("image_encoder.trunk.", "SAM 2"),
            ("image_encoder.backbone.", "EfficientViT-SAM or a relative of it"),
            ("image_encoder.stages.", "EdgeSAM or RepViT-SAM"),
            ("mask_decoder.custom_robust_token", "RobustSAM"),
        ]
        for (mark, name) in families where state.names.contains(where: { $0.hasPrefix(mark) }) {
            throw SAMError(
                .family,
                "the tensors are those of \(name); this version runs SAM, MobileSAM, SAM-HQ, SlimSAM and EfficientSAM")
        }
    }
}
