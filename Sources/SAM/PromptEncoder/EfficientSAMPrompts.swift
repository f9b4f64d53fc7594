internal import Layers
internal import Tensors

/// What EfficientSAM learnt about prompts: points that belong to the object and box corners, always six places together.
///
/// It knows no background points and no earlier masks. Source: EfficientSAM `efficient_sam_decoder.py` and
/// `efficient_sam.py`.
struct EfficientSAMPrompts: Module {
    /// Places that the decoder sees, whatever the prompt.
    static let placeCount = 6

    /// Names of the roles' embeddings, in the order of the reference's state dict.
    static let roleNames = [
        "invalid_points", "point_embeddings", "bbox_top_left_embeddings", "bbox_bottom_right_embeddings",
    ]

    /// The embeddings that roles of ``tokens(_:)`` stand for.
    let roles: [Embedding]

    init(name: String, dim: Int, from initializer: WeightInitializer) {
        roles = Self.roleNames.map { Embedding(name: "\(name).\($0)", rows: 1, dim: dim, from: initializer) }
    }

    /// Points, then box corners, filled up with places outside the image; these keep their encoding, to which that of an
    /// invalid point is added.
    func tokens(_ prompts: PromptBatch) -> PlacedTokens {
        precondition(prompts.masks == nil, "EfficientSAM takes no mask prompts")
        var tokens = PlacedTokens()
        for prompt in 0..<prompts.count {
            var count = 0
            if !prompts.points.isEmpty {
                for point in prompts.points[prompt] {
                    switch point.label {
                    case .padding: tokens.append(x: -1, y: -1, role: 0)
                    case .background: preconditionFailure("EfficientSAM takes no background points")
                    case .foreground: tokens.append(x: point.x, y: point.y, role: 1)
                    }
                }
                count = prompts.points[prompt].count
            }
            if !prompts.boxes.isEmpty {
                tokens.append(prompts.boxes[prompt], roles: (topLeft: 2, bottomRight: 3))
                count += 2
            }
            precondition(
                count <= Self.placeCount, "EfficientSAM takes \(Self.placeCount) points at most, not \(count)")
            for _ in count..<Self.placeCount { tokens.append(x: -1, y: -1, role: 0) }
        }
        return tokens
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        for embedding in roles { embedding.forEachParameter(body) }
    }
}
