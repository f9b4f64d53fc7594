import SAM

extension SAMConfiguration {
    /// The prompt encoder and mask decoder of every SAM, with an image encoder that is as small as can be: a case of the
    /// decoder alone does not want the memory of another.
    static var decoderAlone: SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.vit.embedDim = 8
        configuration.vit.mlpDim = 8
        configuration.vit.numHeads = 1
        configuration.vit.depth = 1
        configuration.vit.globalAttentionIndexes = []
        return configuration
    }

    /// Floating-point operations of the image encoder for one image, as the reference does it: padded windows included.
    var encoderOperations: Double {
        switch encoder {
        case .vit(let vit): vit.operations(outputs: promptEmbedDim)
        case .tinyViT(let vit): vit.operations
        case .plainViT(let vit): vit.operations(outputs: promptEmbedDim)
        }
    }
}

extension ViTConfiguration {
    /// - Parameter outputs: width of the embedding.
    fileprivate func operations(outputs: Int) -> Double {
        let tokens = Double(gridSize * gridSize)
        let (width, neck) = (Double(embedDim), Double(outputs))
        var products = tokens * Double(3 * patchSize * patchSize) * width
        for block in 0..<depth {
            let side = Double(attentionSize(ofBlock: block))
            let windows = (Double(gridSize) / side).rounded(.up)
            let seen = windows * windows * side * side
            let (inner, hidden) = (Double(attentionDim(ofBlock: block)), Double(mlpDim(ofBlock: block)))
            // Queries, keys, values and projection; scores and values; the two axes of the relative position.
            products += seen * 4 * width * inner + seen * inner * (2 * side * side + 2 * side)
            products += tokens * 2 * width * hidden
        }
        return 2 * (products + tokens * neck * (width + 9 * neck))
    }
}

extension PlainViTConfiguration {
    /// - Parameter outputs: width of the embedding.
    fileprivate func operations(outputs: Int) -> Double {
        let tokens = Double(gridSize * gridSize)
        let (width, hidden, neck) = (Double(embedDim), Double(mlpDim), Double(outputs))
        // Queries, keys, values and projection; scores and values; the MLP.
        let block = tokens * (4 * width * width + 2 * tokens * width + 2 * width * hidden)
        let patches = tokens * Double(3 * patchSize * patchSize) * width
        return 2 * (patches + Double(depth) * block + tokens * neck * (width + 9 * neck))
    }
}
