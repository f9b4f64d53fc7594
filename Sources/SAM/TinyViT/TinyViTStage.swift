internal import Layers
internal import Tensors

/// A stage of a TinyViT: blocks at one size of the picture, and the merge to the next one's.
struct TinyViTStage: Module {
    private enum Block {
        case convolution(InvertedBottleneck)
        case attention(TinyViTBlock)

        var module: any Module {
            switch self {
            case .convolution(let block): block
            case .attention(let block): block
            }
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            switch self {
            case .convolution(let block): block(x)
            case .attention(let block): block(x)
            }
        }
    }

    private let blocks: [Block]
    /// None behind the last stage.
    private let merge: InvertedBottleneck?

    init(name: String, _ parts: TinyViTParts, stage: Int) {
        let configuration = parts.configuration
        blocks = (0..<configuration.depths[stage]).map { index in
            let path = "\(name).blocks.\(index)"
            return stage == 0
                ? .convolution(InvertedBottleneck(block: path, parts))
                : .attention(TinyViTBlock(name: path, parts, stage: stage))
        }
        merge =
            stage + 1 < configuration.embedDims.count
            ? InvertedBottleneck(merge: "\(name).downsample", parts, stage: stage) : nil
    }

    /// - Parameters:
    ///   - x: [B, G, G, D] of this stage.
    ///   - isCheckpointing: see ``TinyViTEncoder``; the merge counts as a block.
    /// - Returns: [B, G', G', D'] of the next stage.
    func callAsFunction(_ x: Tensor, isCheckpointing: Bool) -> Tensor {
        let mixed = blocks.reduce(x) { x, block in
            isCheckpointing
                ? checkpointed(x, parameters: block.module.parameters, block.callAsFunction) : block(x)
        }
        guard let merge else { return mixed }
        return isCheckpointing
            ? checkpointed(mixed, parameters: merge.parameters, merge.callAsFunction) : merge(mixed)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        for block in blocks { block.module.forEachParameter(body) }
        merge?.forEachParameter(body)
    }
}
