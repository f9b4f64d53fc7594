internal import Kernels
internal import Layers
internal import Tensors

/// Places with roles, on their way to tokens: each is its place's encoding plus the embedding of its role.
///
/// Shapes: P prompts, N tokens of a prompt, R roles, C width of the prompts.
struct PlacedTokens {
    /// One token to be.
    private struct Item {
        /// Pixels of the model's input from the top left corner; (0, 0) is the centre of the first pixel.
        let x: Float
        let y: Float
        let role: Int
        let hasPlace: Bool
    }

    private var items: [Item] = []

    /// - Parameters:
    ///   - x: pixels of the model's input.
    ///   - y: likewise.
    ///   - role: index of its embedding.
    ///   - hasPlace: false for a token that is its role alone.
    mutating func append(x: Float, y: Float, role: Int, hasPlace: Bool = true) {
        items.append(Item(x: x, y: y, role: role, hasPlace: hasPlace))
    }

    /// The corners of a box, the top left one first.
    mutating func append(_ box: PromptBatch.Corners, roles: (topLeft: Int, bottomRight: Int)) {
        append(x: box.x0, y: box.y0, role: roles.topLeft)
        append(x: box.x1, y: box.y1, role: roles.bottomRight)
    }

    /// - Parameters:
    ///   - prompts: P; all have the same number of tokens.
    ///   - imageSize: side of the model's input.
    ///   - encoding: encodes places.
    ///   - roles: R embeddings of one row each.
    /// - Returns: [P, N, C]; N may be 0.
    func tokens(prompts: Int, imageSize: Int, encoding: PositionalEncoding, roles: [Embedding]) -> Tensor {
        let dim = encoding.dim
        guard !items.isEmpty else { return Tensor(zeros: [prompts, 0, dim]) }
        let side = Float(imageSize)
        var places = encoding(items.map { (($0.x + 0.5) / side, ($0.y + 0.5) / side) })
        places.withUnsafeMutableBuffer { buffer in
            for (index, item) in items.enumerated() where !item.hasPlace {
                buffer[index * dim..<(index + 1) * dim].update(repeating: 0)
            }
        }
        // A product with a matrix of zeros and ones picks each token's role, exactly, and carries gradients back.
        var choice = [Float](repeating: 0, count: items.count * roles.count)
        for (index, item) in items.enumerated() { choice[index * roles.count + item.role] = 1 }
        let chosen = Kernels.withProducts(of: .float32) {
            Tensor(choice, shape: [items.count, roles.count])
                .matmul(Tensor.concatenated(roles.map(\.tensor), axis: 0))
        }
        return (chosen + places).reshaped([prompts, items.count / prompts, dim])
    }
}
