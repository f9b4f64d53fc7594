import SAM

extension SAMConfiguration {
    /// `vit_b` pruned to a fifth of its width: the dimensions of SlimSAM-77.
    ///
    /// Source: Chen et al., "SlimSAM: 0.1% data makes segment anything slim", NeurIPS 2024.
    static var slimSAM77: SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.embedDim = 168
        configuration.mlpDim = 696
        return configuration
    }

    /// The prompt encoder and mask decoder of every SAM, with an image encoder that is as small as can be: a case of the
    /// decoder alone does not want the memory of another.
    static var decoderAlone: SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.embedDim = 8
        configuration.mlpDim = 8
        configuration.numHeads = 1
        configuration.depth = 1
        configuration.globalAttentionIndexes = []
        return configuration
    }

    /// The prompt encoder and mask decoder of every SAM behind an image encoder that costs next to nothing: for what happens
    /// after an image is encoded.
    static var lightEncoder: SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.embedDim = 192
        configuration.mlpDim = 768
        configuration.numHeads = 3
        configuration.depth = 2
        configuration.globalAttentionIndexes = [1]
        return configuration
    }

    /// Floating-point operations of the image encoder for one image, as the reference does it: padded windows included.
    var encoderOperations: Double {
        let tokens = Double(gridSize * gridSize)
        let (width, hidden, neck) = (Double(embedDim), Double(mlpDim), Double(promptEmbedDim))
        var products = tokens * Double(3 * patchSize * patchSize) * width
        for block in 0..<depth {
            let side = Double(attentionSize(ofBlock: block))
            let windows = (Double(gridSize) / side).rounded(.up)
            let seen = windows * windows * side * side
            // Queries, keys, values and projection; scores and values; the two axes of the relative position.
            products += seen * 4 * width * width + seen * width * (2 * side * side + 2 * side)
            products += tokens * 2 * width * hidden
        }
        return 2 * (products + tokens * neck * (width + 9 * neck))
    }
}
