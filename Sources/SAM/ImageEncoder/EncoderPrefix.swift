package import Tensors

/// What an image encoder's first blocks make of images: all that the others go on from.
///
/// Shapes: B images.
package struct EncoderPrefix: Sendable {
    /// Blocks that are done, at least 1.
    package let blocks: Int
    /// What the last of them hands on, [B, ...] in the network's own layout.
    package let tokens: Tensor
    /// The early tokens that SAM-HQ's head reads, where their block came before the last of these; those of the last one
    /// are ``tokens``.
    package let early: Tensor?

    package init(blocks: Int, tokens: Tensor, early: Tensor? = nil) {
        self.blocks = blocks
        self.tokens = tokens
        self.early = early
    }

    /// Several images' prefixes as one; all of the same depth.
    package init(joining prefixes: [EncoderPrefix]) {
        precondition(
            Set(prefixes.map(\.blocks)).count == 1, "prefixes of \(Set(prefixes.map(\.blocks)).sorted()) blocks")
        let early = prefixes.compactMap(\.early)
        self.init(
            blocks: prefixes[0].blocks, tokens: Tensor.concatenated(prefixes.map(\.tokens), axis: 0),
            early: early.isEmpty ? nil : Tensor.concatenated(early, axis: 0))
    }
}
