internal import Tensors

/// The image as the first two-way layer gets it: what all prompts share, and what each prompt's mask adds.
///
/// Shapes: P prompts, G side of the token grid, C channels.
struct DecoderImage {
    /// The embedding, [G * G, C].
    let embedding: Tensor
    /// What stands for a mask where prompts have none, [C], or nil.
    let noMask: Tensor?
    /// Mask prompts, or nil.
    let masks: DensePrompts?
    /// What the first layer makes of the embedding, where somebody computed it.
    let known: EmbeddingProjections?

    /// What all prompts and all cells share besides the embedding, [C], or nil.
    var constant: Tensor? { masks == nil ? noMask : masks?.bias }

    /// What all prompts share: [G * G, C]. The rest is each prompt's ``own``, times ``DensePrompts/weight``.
    var shared: Tensor { constant.map { embedding + $0 } ?? embedding }

    /// The channels of each prompt's mask: [P, G * G, r], or nil.
    var own: Tensor? {
        masks.map { $0.hidden.reshaped([$0.hidden.shape[0], embedding.shape[0], $0.rank]) }
    }

    /// Channels of a prompt's own; 0 without masks.
    var rank: Int { masks?.rank ?? 0 }

    /// The image of each prompt, [P, G * G, C]; without masks one for all, [1, G * G, C].
    var whole: Tensor {
        if let masks {
            return masks.tensor.reshaped([masks.hidden.shape[0]] + embedding.shape) + embedding
        }
        let image = embedding.reshaped([1] + embedding.shape)
        return noMask.map { image + $0 } ?? image
    }
}
