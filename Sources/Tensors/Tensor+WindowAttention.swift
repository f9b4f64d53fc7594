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
        let inputs = [self, bias, relativePosition.height, relativePosition.width]
        let kept = inputs.map(\.detached)
        let call = WindowAttention(
            batch: shape[0], height: shape[1], width: shape[2], window: window, heads: heads,
            headSize: shape[3] / (3 * heads), qkv: kept[0].base, bias: kept[1].base,
            tables: (kept[2].base, kept[3].base))
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        let perImage = ((shape[1] + window - 1) / window) * ((shape[2] + window - 1) / window)
        let statistics = Tensor(
            shape: isRecording ? [2, shape[0] * perImage * heads, window * window] : [0]
        ) { _ in }
        let output = Tensor(shape: [shape[0], shape[1], shape[2], shape[3] / 3]) {
            call.forward(output: $0, statistics: isRecording ? statistics.storage.base : nil)
        }
        return output.recorded(from: inputs) { [nodes = inputs.map(\.node)] gradient in
            // The operands live as long as this closure.
            withExtendedLifetime(kept) {
                let parts = kept.map { Tensor(shape: $0.shape) { _ in } }
                Tensor.compute {
                    call.backward(
                        output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                        into: WindowAttention.Gradients(
                            qkv: parts[0].storage.base, bias: parts[1].storage.base,
                            tables: (parts[2].storage.base, parts[3].storage.base)))
                }
                for (node, part) in zip(nodes, parts) { node?.accumulate(part) }
            }
        }
    }
}
