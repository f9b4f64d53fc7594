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
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        let perImage = ((shape[1] + window - 1) / window) * ((shape[2] + window - 1) / window)
        let statistics = Tensor(
            shape: isRecording ? [2, shape[0] * perImage * heads, window * window] : [0]
        ) { _ in }
        let operands = WindowOperands(tensors: inputs.map(\.detached), heads: heads, window: window)
        let output = Tensor(shape: [shape[0], shape[1], shape[2], shape[3] / 3]) {
            operands.call.forward(output: $0, statistics: isRecording ? statistics.storage.base : nil)
        }
        guard isRecording else { return output }
        // The operands stay as they are: the statistics are those of their scores, and rounded ones have others.
        let savedOutput = SavedTensor(output, isResult: true)
        return output.recorded(from: inputs) { [nodes = inputs.map(\.node)] gradient in
            let parts = operands.gradients(gradient, output: savedOutput.tensor, statistics: statistics)
            for (node, part) in zip(nodes, parts) { node?.accumulate(part) }
        }
    }
}

/// The operands of a call, which live as long as this: the projection's result, its bias and both tables.
private struct WindowOperands {
    let tensors: [Tensor]
    let heads: Int
    let window: Int

    var call: WindowAttention {
        let qkv = tensors[0]
        return WindowAttention(
            batch: qkv.shape[0], height: qkv.shape[1], width: qkv.shape[2], window: window, heads: heads,
            headSize: qkv.shape[3] / (3 * heads), qkv: qkv.base, bias: tensors[1].base,
            tables: (tensors[2].base, tensors[3].base))
    }

    /// Gradients of the operands, in their order.
    func gradients(_ gradient: Tensor, output: Tensor, statistics: Tensor) -> [Tensor] {
        let parts = tensors.map { Tensor(shape: $0.shape) { _ in } }
        Tensor.compute {
            call.backward(
                output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                into: WindowAttention.Gradients(
                    qkv: parts[0].storage.base, bias: parts[1].storage.base,
                    tables: (parts[2].storage.base, parts[3].storage.base)))
        }
        return parts
    }
}
