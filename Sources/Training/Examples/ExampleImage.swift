package import SAM
package import Tensors

/// An image of a step as far as it is computed: what a cache knows of it needs no computing again.
package enum ExampleImage: Sendable {
    /// [1, S, S, 3], normalised and padded.
    case pixels(Tensor)
    /// What the encoder's first blocks make of it.
    case prefix(EncoderPrefix)
    /// What the whole encoder makes of it.
    case features(ImageFeatures)
}
