package import SAM
package import Tensors

/// An image of a step as far as it is computed: what a cache knows of it needs no computing again.
package enum ExampleImage: Sendable {
    /// [1, S, S, 3], normalised and padded.
    case pixels(Tensor)
    /// What the encoder hands from its block number `blocks - 1` to the next: its first `blocks` blocks are done.
    case prefix(Tensor, blocks: Int)
    /// What the whole encoder makes of it.
    case features(ImageFeatures)
}
