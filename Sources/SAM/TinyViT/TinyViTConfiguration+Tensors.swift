extension TinyViTConfiguration {
    /// All tensors of the encoder, in the order of the reference's state dict: buffers of the normalisations and the head
    /// that nothing uses among them, so that a file comes out as it went in.
    package var tensorShapes: [TensorShape] {
        var list = TensorShapeList()
        addTensors(to: &list, outputs: promptEmbedDim)
        return list.tensors
    }

    /// Adds them to others.
    func addTensors(to list: inout TensorShapeList, outputs: Int) {
        let prefix = "image_encoder"
        let last = embedDims.count - 1
        list.addConvolution("\(prefix).patch_embed.seq.0", [embedDims[0] / 2, 3, 3, 3])
        list.addConvolution("\(prefix).patch_embed.seq.2", [embedDims[0], embedDims[0] / 2, 3, 3])
        for stage in embedDims.indices {
            let path = "\(prefix).layers.\(stage)"
            for block in 0..<depths[stage] {
                add(stage == 0 ? .convolution : .attention, "\(path).blocks.\(block)", stage, to: &list)
            }
            if stage < last {
                let (from, to) = (embedDims[stage], embedDims[stage + 1])
                list.addConvolution("\(path).downsample.conv1", [to, from, 1, 1])
                list.addConvolution("\(path).downsample.conv2", [to, 1, 3, 3])
                list.addConvolution("\(path).downsample.conv3", [to, to, 1, 1])
            }
        }
        list.addPair("\(prefix).norm_head", [embedDims[last]])
        list.addPair("\(prefix).head", [numClasses, embedDims[last]])
        list.addNeck("\(prefix).neck", embedDims[last], outputs)
    }

    private enum BlockKind {
        case convolution
        case attention
    }

    private func add(_ kind: BlockKind, _ path: String, _ stage: Int, to list: inout TensorShapeList) {
        let (dim, hidden) = (embedDims[stage], hiddenDim(ofStage: stage))
        switch kind {
        case .convolution:
            list.addConvolution("\(path).conv1", [hidden, dim, 1, 1])
            list.addConvolution("\(path).conv2", [hidden, 1, 3, 3])
            list.addConvolution("\(path).conv3", [dim, hidden, 1, 1])
        case .attention:
            list.add("\(path).attn.attention_biases", [numHeads[stage], windowSizes[stage] * windowSizes[stage]])
            list.addPair("\(path).attn.norm", [dim])
            list.addPair("\(path).attn.qkv", [3 * dim, dim])
            list.addPair("\(path).attn.proj", [dim, dim])
            list.addPair("\(path).mlp.norm", [dim])
            list.addPair("\(path).mlp.fc1", [hidden, dim])
            list.addPair("\(path).mlp.fc2", [dim, hidden])
            list.addConvolution("\(path).local_conv", [dim, 1, 3, 3])
        }
    }
}

extension TensorShapeList {
    /// A weight and a bias as long as its first axis.
    fileprivate mutating func addPair(_ path: String, _ shape: [Int]) {
        add("\(path).weight", shape)
        add("\(path).bias", [shape[0]])
    }

    /// A convolution without a bias, and the normalisation behind it.
    fileprivate mutating func addConvolution(_ path: String, _ shape: [Int]) {
        add("\(path).c.weight", shape)
        addPair("\(path).bn", [shape[0]])
        add("\(path).bn.running_mean", [shape[0]])
        add("\(path).bn.running_var", [shape[0]])
        add("\(path).bn.num_batches_tracked", [])
    }
}
