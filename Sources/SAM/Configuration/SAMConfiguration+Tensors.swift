extension SAMConfiguration {
    /// All tensors of a model with these dimensions, in the order of the reference's state dict.
    package var tensorShapes: [TensorShape] {
        var list = TensorShapeList()
        switch encoder {
        case .vit(let vit): vit.addTensors(to: &list, outputs: promptEmbedDim)
        }
        addPromptEncoder(&list)
        addMaskDecoder(&list)
        return list.tensors
    }

    private func addPromptEncoder(_ list: inout TensorShapeList) {
        let prefix = "prompt_encoder"
        let channels = maskInChannels
        list.add("\(prefix).pe_layer.positional_encoding_gaussian_matrix", [2, promptEmbedDim / 2])
        for index in 0..<4 { list.add("\(prefix).point_embeddings.\(index).weight", [1, promptEmbedDim]) }
        list.add("\(prefix).not_a_point_embed.weight", [1, promptEmbedDim])
        list.add("\(prefix).mask_downscaling.0.weight", [channels / 4, 1, 2, 2])
        list.add("\(prefix).mask_downscaling.0.bias", [channels / 4])
        list.addNorm("\(prefix).mask_downscaling.1", channels / 4)
        list.add("\(prefix).mask_downscaling.3.weight", [channels, channels / 4, 2, 2])
        list.add("\(prefix).mask_downscaling.3.bias", [channels])
        list.addNorm("\(prefix).mask_downscaling.4", channels)
        list.add("\(prefix).mask_downscaling.6.weight", [promptEmbedDim, channels, 1, 1])
        list.add("\(prefix).mask_downscaling.6.bias", [promptEmbedDim])
        list.add("\(prefix).no_mask_embed.weight", [1, promptEmbedDim])
    }

    private func addMaskDecoder(_ list: inout TensorShapeList) {
        let prefix = "mask_decoder"
        let dim = promptEmbedDim
        let narrow = dim / attentionDownsampleRate
        for layer in 0..<transformerDepth {
            let path = "\(prefix).transformer.layers.\(layer)"
            list.addAttention("\(path).self_attn", dim, dim)
            list.addNorm("\(path).norm1", dim)
            list.addAttention("\(path).cross_attn_token_to_image", dim, narrow)
            list.addNorm("\(path).norm2", dim)
            list.addLinear("\(path).mlp.lin1", dim, transformerMLPDim)
            list.addLinear("\(path).mlp.lin2", transformerMLPDim, dim)
            list.addNorm("\(path).norm3", dim)
            list.addNorm("\(path).norm4", dim)
            list.addAttention("\(path).cross_attn_image_to_token", dim, narrow)
        }
        list.addAttention("\(prefix).transformer.final_attn_token_to_image", dim, narrow)
        list.addNorm("\(prefix).transformer.norm_final_attn", dim)
        list.add("\(prefix).iou_token.weight", [1, dim])
        list.add("\(prefix).mask_tokens.weight", [numMaskTokens, dim])
        list.add("\(prefix).output_upscaling.0.weight", [dim, dim / 4, 2, 2])
        list.add("\(prefix).output_upscaling.0.bias", [dim / 4])
        list.addNorm("\(prefix).output_upscaling.1", dim / 4)
        list.add("\(prefix).output_upscaling.3.weight", [dim / 4, dim / 8, 2, 2])
        list.add("\(prefix).output_upscaling.3.bias", [dim / 8])
        for mask in 0..<numMaskTokens {
            let widths = [dim, dim, dim, dim / 8]
            list.addLayers("\(prefix).output_hypernetworks_mlps.\(mask)", widths)
        }
        let hidden = [Int](repeating: iouHeadHiddenDim, count: iouHeadDepth - 1)
        list.addLayers("\(prefix).iou_prediction_head", [dim] + hidden + [numMaskTokens])
    }
}
