internal import Layers
internal import Tensors

/// What SAM learnt about prompts: the roles of points and corners, and how earlier masks are read.
///
/// Source: segment-anything `prompt_encoder.py`.
struct SAMPrompts: Module {
    private let pointEmbeddings: [Embedding]
    private let notAPointEmbed: Embedding
    private let maskDownscaling: MaskDownscaling
    private let noMaskEmbed: Embedding

    init(name: String, _ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let dim = configuration.promptEmbedDim
        pointEmbeddings = (0..<4).map { index in
            Embedding(name: "\(name).point_embeddings.\(index)", rows: 1, dim: dim, from: initializer)
        }
        notAPointEmbed = Embedding(name: "\(name).not_a_point_embed", rows: 1, dim: dim, from: initializer)
        maskDownscaling = MaskDownscaling(
            name: "\(name).mask_downscaling", channels: configuration.maskInChannels, dim: dim, from: initializer)
        noMaskEmbed = Embedding(name: "\(name).no_mask_embed", rows: 1, dim: dim, from: initializer)
    }

    /// What stands for a mask where none is given: [C].
    var noMask: Tensor { noMaskEmbed.tensor.reshaped([noMaskEmbed.dim]) }

    /// Of masks [P, L, L].
    func dense(_ masks: Tensor) -> DensePrompts { maskDownscaling(masks) }

    /// The embeddings that roles of ``tokens(_:)`` stand for.
    var roles: [Embedding] { pointEmbeddings + [notAPointEmbed] }

    /// Points, then box corners; a padding point is its role alone.
    func tokens(_ prompts: PromptBatch) -> PlacedTokens {
        var tokens = PlacedTokens()
        let notAPoint = pointEmbeddings.count
        for prompt in 0..<prompts.count {
            if !prompts.points.isEmpty {
                for point in prompts.points[prompt] {
                    switch point.label {
                    case .padding: tokens.append(x: point.x, y: point.y, role: notAPoint, hasPlace: false)
                    case .background: tokens.append(x: point.x, y: point.y, role: 0)
                    case .foreground: tokens.append(x: point.x, y: point.y, role: 1)
                    }
                }
                // The reference pads points with one that is none, but only where no box follows.
                if prompts.boxes.isEmpty { tokens.append(x: 0, y: 0, role: notAPoint, hasPlace: false) }
            }
            if !prompts.boxes.isEmpty { tokens.append(prompts.boxes[prompt], roles: (topLeft: 2, bottomRight: 3)) }
        }
        return tokens
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        for embedding in roles { embedding.forEachParameter(body) }
        maskDownscaling.forEachParameter(body)
        noMaskEmbed.forEachParameter(body)
    }
}
