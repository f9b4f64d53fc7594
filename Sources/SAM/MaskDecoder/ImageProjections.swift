internal import Tensors

/// What the first two-way layer makes of what all prompts share of an image, once for all of them.
///
/// Shapes: G side of the token grid, C channels, D channels inside the attention.
struct ImageProjections {
    /// Of tokens to the image: [1, G * G, D].
    let keys: Tensor
    /// Of tokens to the image: [1, G * G, D].
    let values: Tensor
    /// What prompts share, [G * G, C], and what it asks of the tokens, [G * G, D]; nil where each prompt's image is treated
    /// for itself.
    let asking: (image: Tensor, queries: Tensor)?
}
