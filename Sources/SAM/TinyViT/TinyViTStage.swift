internal import Layers
internal import Tensors

/// A stage of a TinyViT: blocks at one size of the picture, and the merge to the next one's.
struct TinyViTStage: Module {
    /// The blocks: [B, G, G, D] of this stage as they get it; and behind all but the last stage the merge:
    /// [B, G', G', D'] of the next.
    let chain: [any EncoderBlock]

    init(name: String, _ parts: TinyViTParts, stage: Int) {
        let configuration = parts.configuration
        let blocks = (0..<configuration.depths[stage]).map { index -> any EncoderBlock in
            let path = "\(name).blocks.\(index)"
            return stage == 0
                ? InvertedBottleneck(block: path, parts) : TinyViTBlock(name: path, parts, stage: stage)
        }
        // None behind the last stage.
        let hasMerge = stage + 1 < configuration.embedDims.count
        chain = blocks + (hasMerge ? [InvertedBottleneck(merge: "\(name).downsample", parts, stage: stage)] : [])
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        for block in chain { block.forEachParameter(body) }
    }
}
