extension SAMConfiguration {
    /// All tensors of a model with these dimensions, in the order of the reference's state dict.
    package var tensorShapes: [TensorShape] {
        var list = TensorShapeList()
        encoder.addTensors(to: &list, outputs: promptEmbedDim)
        switch family {
        case .sam, .samHQ: addPromptEncoder(&list)
        case .efficientSAM: addEfficientPromptEncoder(&list)
        }
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

    private func addEfficientPromptEncoder(_ list: inout TensorShapeList) {
        let prefix = "prompt_encoder"
        list.add("\(prefix).pe_layer.positional_encoding_gaussian_matrix", [2, promptEmbedDim / 2])
        for name in EfficientSAMPrompts.roleNames { list.add("\(prefix).\(name).weight", [1, promptEmbedDim]) }
    }
}
