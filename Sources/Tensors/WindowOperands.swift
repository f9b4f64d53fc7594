internal import KernelABI
internal import Kernels

/// A call of attention in windows: its operands, which live as long as this, and what they mean.
struct WindowOperands {
    /// The projection's result, what it gives for a place without a token, and the position: both tables, or the offsets.
    let tensors: [Tensor]
    let heads: Int
    let window: Int
    let arrangement: WindowAttention.Arrangement

    private var call: WindowAttention {
        let qkv = tensors[0]
        return WindowAttention(
            batch: qkv.shape[0], height: qkv.shape[1], width: qkv.shape[2], window: window, heads: heads,
            headSize: qkv.shape[3] / (3 * heads), qkv: qkv.base, bias: tensors[1].base, arrangement: arrangement,
            position: tensors.count == 4
                ? .tables(height: tensors[2].base, width: tensors[3].base) : .offsets(tensors[2].base))
    }

    /// Attends, and records it.
    ///
    /// - Parameter inputs: the operands, tied to the tape.
    /// - Returns: [B, H, W, C].
    static func run(
        _ inputs: [Tensor], heads: Int, window: Int, arrangement: WindowAttention.Arrangement
    ) -> Tensor {
        let shape = inputs[0].shape
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        let perImage = ((shape[1] + window - 1) / window) * ((shape[2] + window - 1) / window)
        let statistics = Tensor(
            shape: isRecording ? [2, shape[0] * perImage * heads, window * window] : [0]
        ) { _ in }
        let operands = WindowOperands(
            tensors: inputs.map(\.detached), heads: heads, window: window, arrangement: arrangement)
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

    /// Gradients of the operands, in their order.
    private func gradients(_ gradient: Tensor, output: Tensor, statistics: Tensor) -> [Tensor] {
        let parts = tensors.map { Tensor(shape: $0.shape) { _ in } }
        Tensor.compute {
            let position: WindowAttention.PositionGradients =
                parts.count == 4
                ? .tables(height: parts[2].storage.base, width: parts[3].storage.base)
                : .offsets(parts[2].storage.base)
            call.backward(
                output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                into: WindowAttention.Gradients(
                    qkv: parts[0].storage.base, bias: parts[1].storage.base, position: position))
        }
        return parts
    }
}
