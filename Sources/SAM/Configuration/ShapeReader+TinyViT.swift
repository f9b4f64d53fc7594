internal import Checkpoints

extension ShapeReader {
    /// Whether the encoder is a TinyViT.
    var hasTinyViT: Bool { state["image_encoder.patch_embed.seq.0.c.weight"] != nil }

    /// The dimensions of MobileSAM's encoder.
    ///
    /// Shapes do not tell the side of the input, which is taken as the reference's, nor strides of merges, for which the
    /// reference's rule holds: none before a width of 320, 448 or 576.
    func tinyViT() throws(SAMError) -> TinyViTConfiguration {
        var result = TinyViTConfiguration()
        let path = "image_encoder.layers"
        let first = try shape("image_encoder.patch_embed.seq.2.c.weight", rank: 4)[0]
        result.embedDims = [first]
        result.depths = [count { "\(path).0.blocks.\($0).conv1.c.weight" }]
        let expanded = try shape("\(path).0.blocks.0.conv1.c.weight", rank: 4)[0]
        result.mbconvExpandRatio = first > 0 ? Double(expanded) / Double(first) : 0
        (result.numHeads, result.windowSizes) = ([2], [7])
        for stage in 1...8 where state["\(path).\(stage).blocks.0.attn.attention_biases"] != nil {
            let block = "\(path).\(stage).blocks.0"
            let biases = try shape("\(block).attn.attention_biases", rank: 2)
            let hidden = try shape("\(block).mlp.fc1.weight", rank: 2)
            result.embedDims.append(hidden[1])
            result.depths.append(count { "\(path).\(stage).blocks.\($0).attn.attention_biases" })
            result.numHeads.append(biases[0])
            result.windowSizes.append(Int(Double(biases[1]).squareRoot()))
            result.mlpRatio = hidden[1] > 0 ? Double(hidden[0]) / Double(hidden[1]) : 0
        }
        result.mergeStrides = result.embedDims.dropFirst().map { [320, 448, 576].contains($0) ? 1 : 2 }
        result.numClasses = try shape("image_encoder.head.weight", rank: 2)[0]
        return result
    }
}
