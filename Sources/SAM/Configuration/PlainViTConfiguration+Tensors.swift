extension PlainViTConfiguration {
    /// Adds the encoder's tensors, in the order of the reference's state dict.
    ///
    /// - Parameter outputs: width of the image embedding.
    func addTensors(to list: inout TensorShapeList, outputs: Int) {
        let prefix = "image_encoder"
        list.add("\(prefix).pos_embed", [1, 1 + positionGridSize * positionGridSize, embedDim])
        list.add("\(prefix).patch_embed.proj.weight", [embedDim, 3, patchSize, patchSize])
        list.add("\(prefix).patch_embed.proj.bias", [embedDim])
        for block in 0..<depth {
            let path = "\(prefix).blocks.\(block)"
            list.addNorm("\(path).norm1", embedDim)
            list.addLinear("\(path).attn.qkv", embedDim, 3 * embedDim)
            list.addLinear("\(path).attn.proj", embedDim, embedDim)
            list.addNorm("\(path).norm2", embedDim)
            list.addLinear("\(path).mlp.fc1", embedDim, mlpDim)
            list.addLinear("\(path).mlp.fc2", mlpDim, embedDim)
        }
        list.addNeck("\(prefix).neck", embedDim, outputs)
    }
}
