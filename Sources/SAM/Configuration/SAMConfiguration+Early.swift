extension SAMConfiguration.Encoder {
    /// Width of the tokens of an early block that the encoder hands out for SAM-HQ, or nil for one that has no such block.
    package var earlyWidth: Int? {
        switch self {
        case .vit(let vit): vit.earlyBlock.map { _ in vit.embedDim }
        case .plainViT: nil
        }
    }
}

extension ViTConfiguration {
    /// The first block that attends over the whole image, or nil.
    var earlyBlock: Int? { (0..<depth).first { windowSize(ofBlock: $0) == 0 } }
}
