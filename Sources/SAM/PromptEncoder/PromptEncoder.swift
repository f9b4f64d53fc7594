package import Layers
package import Tensors

/// Turns points, boxes and earlier masks into tokens and a picture that the mask decoder understands.
///
/// Shapes: P prompts, N tokens of a prompt, G side of the token grid, C width of the prompts. Source: segment-anything
/// `prompt_encoder.py`.
package struct PromptEncoder: Module {
    /// What the mask decoder gets of a batch of prompts.
    package struct Output {
        /// Points, then box corners: [P, N, C]; N may be 0.
        package let sparse: Tensor
        /// Of mask prompts: [P, G, G, C], or nil where no mask was given.
        package let dense: Tensor?
    }

    /// Encodes places, and the grid of the image embedding.
    package let positionalEncoding: PositionalEncoding
    private let pointEmbeddings: [Embedding]
    private let notAPointEmbed: Embedding
    private let maskDownscaling: MaskDownscaling
    private let noMaskEmbed: Embedding
    private let imageSize: Int
    private let gridSize: Int

    /// Random weights as the reference: embeddings and the matrix of places from the normal distribution.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let path = "prompt_encoder"
        let dim = configuration.promptEmbedDim
        imageSize = configuration.imageSize
        gridSize = configuration.gridSize
        positionalEncoding = PositionalEncoding(name: "\(path).pe_layer", dim: dim, from: initializer)
        pointEmbeddings = (0..<4).map { index in
            Embedding(name: "\(path).point_embeddings.\(index)", rows: 1, dim: dim, from: initializer)
        }
        notAPointEmbed = Embedding(name: "\(path).not_a_point_embed", rows: 1, dim: dim, from: initializer)
        maskDownscaling = MaskDownscaling(
            name: "\(path).mask_downscaling", channels: configuration.maskInChannels, dim: dim, from: initializer)
        noMaskEmbed = Embedding(name: "\(path).no_mask_embed", rows: 1, dim: dim, from: initializer)
    }

    /// The encodings of the image embedding's cells: [G * G, C].
    package func densePositionalEncoding() -> Tensor { positionalEncoding.grid(gridSize) }

    /// What stands for a mask where none is given: [C].
    package var noMask: Tensor { noMaskEmbed.tensor.reshaped([noMaskEmbed.dim]) }

    package func callAsFunction(_ prompts: PromptBatch) -> Output {
        Output(sparse: sparse(prompts), dense: prompts.masks.map(maskDownscaling.callAsFunction))
    }

    /// Every token is its place's encoding plus the embedding of its role; a padding point is its role alone.
    private func sparse(_ prompts: PromptBatch) -> Tensor {
        var tokens: [(x: Float, y: Float, role: Int)] = []
        let notAPoint = pointEmbeddings.count
        for prompt in 0..<prompts.count {
            if !prompts.points.isEmpty {
                for point in prompts.points[prompt] {
                    let role =
                        switch point.label {
                        case .padding: notAPoint
                        case .background: 0
                        case .foreground: 1
                        }
                    tokens.append((point.x, point.y, role))
                }
                // The reference pads points with one that is none, but only where no box follows.
                if prompts.boxes.isEmpty { tokens.append((0, 0, notAPoint)) }
            }
            if !prompts.boxes.isEmpty {
                let box = prompts.boxes[prompt]
                tokens += [(box.x0, box.y0, 2), (box.x1, box.y1, 3)]
            }
        }
        let dim = noMaskEmbed.dim
        guard !tokens.isEmpty else { return Tensor(zeros: [prompts.count, 0, dim]) }
        let side = Float(imageSize)
        var places = positionalEncoding(tokens.map { (($0.x + 0.5) / side, ($0.y + 0.5) / side) })
        places.withUnsafeMutableBuffer { buffer in
            for (index, token) in tokens.enumerated() where token.role == notAPoint {
                buffer[index * dim..<(index + 1) * dim].update(repeating: 0)
            }
        }
        // A product with a matrix of zeros and ones picks each token's role, exactly, and carries gradients back.
        let roles = Tensor.concatenated((pointEmbeddings + [notAPointEmbed]).map(\.tensor), axis: 0)
        var choice = [Float](repeating: 0, count: tokens.count * (notAPoint + 1))
        for (index, token) in tokens.enumerated() { choice[index * (notAPoint + 1) + token.role] = 1 }
        let chosen = Tensor(choice, shape: [tokens.count, notAPoint + 1]).matmul(roles)
        return (chosen + places).reshaped([prompts.count, tokens.count / prompts.count, dim])
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        positionalEncoding.forEachParameter(body)
        for embedding in pointEmbeddings { embedding.forEachParameter(body) }
        notAPointEmbed.forEachParameter(body)
        maskDownscaling.forEachParameter(body)
        noMaskEmbed.forEachParameter(body)
    }
}
