package import Tensors

/// What the first two-way layer makes of an image's embedding alone, whatever the prompts: rounds of prompts share it.
///
/// What prompts have in common besides, the same for all cells, is added in each round: ``ImageProjections``.
///
/// Shapes: G side of the token grid, D channels inside the attention.
package struct EmbeddingProjections: Sendable {
    /// Keys, values and queries, each [G * G, D].
    package let tensors: [Tensor]

    /// - Parameter tensors: keys, values and queries.
    package init(_ tensors: [Tensor]) {
        precondition(
            tensors.count == 3 && tensors.allSatisfy { $0.rank == 2 },
            "keys, values and queries of an embedding, not \(tensors.map(\.shape))")
        self.tensors = tensors
    }
}
