private import Kernels

extension Tensor {
    /// Multi-head self-attention in square windows: the result of cutting the picture into windows, filling these up with
    /// tokens of zero before the projection, attending in each (the filling not masked) and putting them together again.
    ///
    /// Shapes: B pictures of H by W tokens, windows of S by S; this tensor is the projection's result [B, H, W, 3 C].
    ///
    /// - Parameters:
    ///   - heads: number of heads.
    ///   - bias: [3 C], the projection's: the keys and values of the filling.
    ///   - relativePosition: over a grid of S by S.
    /// - Returns: [B, H, W, C].
    package func windowSelfAttention(heads: Int, bias: Tensor, relativePosition: RelativePosition) -> Tensor {
        let window = relativePosition.grid.height
        precondition(
            rank == 4 && heads >= 1 && shape[3] % (3 * heads) == 0 && bias.shape == [shape[3]]
                && relativePosition.grid.width == window
                && relativePosition.height.shape[1] == shape[3] / (3 * heads),
            "window attention of \(shape) with \(heads) heads, bias \(bias.shape), a grid of \(relativePosition.grid) "
                + "and tables of \(relativePosition.height.shape)")
        return WindowOperands.run(
            [self, bias, relativePosition.height, relativePosition.width], heads: heads, window: window,
            arrangement: .byPart)
    }

    /// The same with a value for each head and distance in place of decomposed positions, and with the projection's rows by
    /// heads: query, key and value of the first head, then of the second. Source: TinyViT, after LeViT.
    ///
    /// The score of query (y, x) and key (y', x') of a window gains `offsets[head, |y - y'| S + |x - x'|]`.
    ///
    /// - Parameters:
    ///   - heads: number of heads.
    ///   - window: S.
    ///   - padding: [3 C], by heads too: what the projection gives for a place of a window that has no token.
    ///   - offsets: [heads, S * S].
    /// - Returns: [B, H, W, C].
    package func windowSelfAttention(heads: Int, window: Int, padding: Tensor, offsets: Tensor) -> Tensor {
        precondition(
            rank == 4 && heads >= 1 && window >= 1 && shape[3] % (3 * heads) == 0 && padding.shape == [shape[3]]
                && offsets.shape == [heads, window * window],
            "window attention of \(shape) with \(heads) heads, windows of \(window), padding \(padding.shape) and "
                + "offsets of \(offsets.shape)")
        return WindowOperands.run([self, padding, offsets], heads: heads, window: window, arrangement: .byHead)
    }
}
