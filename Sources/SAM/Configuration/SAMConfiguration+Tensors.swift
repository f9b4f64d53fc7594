extension SAMConfiguration {
    /// A tensor of the model: its path in checkpoints and its shape as PyTorch stores it.
    package struct TensorShape: Sendable, Hashable {
        package let name: String
        package let shape: [Int]
    }

    /// All tensors of a model with these dimensions, in the order of the reference's state dict.
    package var tensorShapes: [TensorShape] {
        var list = TensorShapeList()
        addImageEncoder(&list)
        addPromptEncoder(&list)
        addMaskDecoder(&list)
        return list.tensors
    }

    private func addImageEncoder(_ list: inout TensorShapeList) {
        let prefix = "image_encoder"
        list.add("\(prefix).pos_embed", [1, gridSize, gridSize, embedDim])
        list.add("\(prefix).patch_embed.proj.weight", [embedDim, 3, patchSize, patchSize])
        list.add("\(prefix).patch_embed.proj.bias", [embedDim])
        for block in 0..<depth {
            let path = "\(prefix).blocks.\(block)"
            let rows = relativePositionRows(ofBlock: block)
            list.addNorm("\(path).norm1", embedDim)
            list.add("\(path).attn.rel_pos_h", [rows.height, headDim])
            list.add("\(path).attn.rel_pos_w", [rows.width, headDim])
            list.addLinear("\(path).attn.qkv", embedDim, 3 * embedDim)
            list.addLinear("\(path).attn.proj", embedDim, embedDim)
            list.addNorm("\(path).norm2", embedDim)
            list.addLinear("\(path).mlp.lin1", embedDim, mlpDim)
            list.addLinear("\(path).mlp.lin2", mlpDim, embedDim)
        }
        list.add("\(prefix).neck.0.weight", [promptEmbedDim, embedDim, 1, 1])
        list.addNorm("\(prefix).neck.1", promptEmbedDim)
        list.add("\(prefix).neck.2.weight", [promptEmbedDim, promptEmbedDim, 3, 3])
        list.addNorm("\(prefix).neck.3", promptEmbedDim)
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

/// Collects the shapes of a model's tensors.
private struct TensorShapeList {
    private(set) var tensors: [SAMConfiguration.TensorShape] = []

    mutating func add(_ name: String, _ shape: [Int]) {
        tensors.append(SAMConfiguration.TensorShape(name: name, shape: shape))
    }

    mutating func addNorm(_ path: String, _ width: Int) {
        add("\(path).weight", [width])
        add("\(path).bias", [width])
    }

    mutating func addLinear(_ path: String, _ inputs: Int, _ outputs: Int) {
        add("\(path).weight", [outputs, inputs])
        add("\(path).bias", [outputs])
    }

    mutating func addAttention(_ path: String, _ dim: Int, _ internalDim: Int) {
        for name in ["q_proj", "k_proj", "v_proj"] { addLinear("\(path).\(name)", dim, internalDim) }
        addLinear("\(path).out_proj", internalDim, dim)
    }

    mutating func addLayers(_ path: String, _ widths: [Int]) {
        for layer in 0..<widths.count - 1 { addLinear("\(path).layers.\(layer)", widths[layer], widths[layer + 1]) }
    }
}
