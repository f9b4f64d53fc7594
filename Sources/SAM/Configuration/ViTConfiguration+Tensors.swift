extension ViTConfiguration {
    /// Adds the encoder's tensors, in the order of the reference's state dict.
    ///
    /// - Parameter outputs: width of the image embedding.
    func addTensors(to list: inout TensorShapeList, outputs: Int) {
        let prefix = "image_encoder"
        list.add("\(prefix).pos_embed", [1, gridSize, gridSize, embedDim])
        list.add("\(prefix).patch_embed.proj.weight", [embedDim, 3, patchSize, patchSize])
        list.add("\(prefix).patch_embed.proj.bias", [embedDim])
        for block in 0..<depth {
            let path = "\(prefix).blocks.\(block)"
            let rows = relativePositionRows(ofBlock: block)
            let (inner, hidden) = (attentionDim(ofBlock: block), mlpDim(ofBlock: block))
            list.addNorm("\(path).norm1", embedDim)
            list.add("\(path).attn.rel_pos_h", [rows.height, headDim(ofBlock: block)])
            list.add("\(path).attn.rel_pos_w", [rows.width, headDim(ofBlock: block)])
            list.addLinear("\(path).attn.qkv", embedDim, 3 * inner)
            list.addLinear("\(path).attn.proj", inner, embedDim)
            list.addNorm("\(path).norm2", embedDim)
            list.addLinear("\(path).mlp.lin1", embedDim, hidden)
            list.addLinear("\(path).mlp.lin2", hidden, embedDim)
        }
        list.addNeck("\(prefix).neck", embedDim, outputs)
    }
}
