extension SAMConfiguration {
    /// Adds the mask decoder's tensors, in the order of the reference's state dict.
    func addMaskDecoder(_ list: inout TensorShapeList) {
        let prefix = "mask_decoder"
        let dim = promptEmbedDim
        let narrow = dim / attentionDownsampleRate
        let style = DecoderStyle(family)
        for layer in 0..<transformerDepth {
            let path = "\(prefix).transformer.layers.\(layer)"
            list.addAttention("\(path).self_attn", dim, dim)
            list.addNorm("\(path).norm1", dim)
            list.addAttention("\(path).cross_attn_token_to_image", dim, narrow)
            list.addNorm("\(path).norm2", dim)
            list.addLayers(style.blockLayers("\(path).mlp"), [dim, transformerMLPDim, dim])
            list.addNorm("\(path).norm3", dim)
            list.addNorm("\(path).norm4", dim)
            list.addAttention("\(path).cross_attn_image_to_token", dim, narrow)
        }
        list.addAttention("\(prefix).transformer.final_attn_token_to_image", dim, narrow)
        list.addNorm("\(prefix).transformer.norm_final_attn", dim)
        list.add("\(prefix).iou_token.weight", [1, dim])
        list.add("\(prefix).mask_tokens.weight", [numMaskTokens, dim])
        let upscaling = style.upscalingLayers(prefix)
        list.addTransposedConvolution(upscaling.first, dim, dim / 4)
        list.addNorm(upscaling.norm, dim / 4)
        list.addTransposedConvolution(upscaling.second, dim / 4, dim / 8)
        let filter = [dim, dim, dim, dim / 8]
        for mask in 0..<numMaskTokens {
            list.addLayers(style.layers("\(prefix).output_hypernetworks_mlps.\(mask)", count: 3), filter)
        }
        let hidden = [Int](repeating: iouHeadHiddenDim, count: iouHeadDepth - 1)
        list.addLayers(
            style.layers("\(prefix).iou_prediction_head", count: iouHeadDepth), [dim] + hidden + [numMaskTokens])
        if family == .samHQ { addHighQualityHead(&list) }
    }

    private func addHighQualityHead(_ list: inout TensorShapeList) {
        let prefix = "mask_decoder"
        let dim = promptEmbedDim
        list.add("\(prefix).hf_token.weight", [1, dim])
        list.addLayers(DecoderStyle.sam.layers("\(prefix).hf_mlp", count: 3), [dim, dim, dim, dim / 8])
        for (name, widths) in [
            ("compress_vit_feat", [encoder.earlyWidth ?? 0, dim, dim / 8]),
            ("embedding_encoder", [dim, dim / 4, dim / 8]),
        ] {
            list.addTransposedConvolution("\(prefix).\(name).0", widths[0], widths[1])
            list.addNorm("\(prefix).\(name).1", widths[1])
            list.addTransposedConvolution("\(prefix).\(name).3", widths[1], widths[2])
        }
        let path = "\(prefix).embedding_maskfeature"
        list.addConvolution3x3("\(path).0", dim / 8, dim / 4)
        list.addNorm("\(path).1", dim / 4)
        list.addConvolution3x3("\(path).3", dim / 4, dim / 8)
    }
}
