internal import KernelABI
internal import Kernels

/// A call of attention in windows: what it keeps of its operands, and what they mean.
struct WindowOperands {
    /// The projection's result.
    private let qkv: SavedTensor
    /// Its shape, [B, H, W, 3 C].
    private let shape: [Int]
    /// What the projection gives for a place without a token, and the position: both tables, or the offsets.
    private let others: [Tensor]
    private let heads: Int
    private let window: Int
    private let arrangement: WindowAttention.Arrangement

    /// - Parameter qkv: of this, as it is read; it must live on until the call is done.
    private func call(_ qkv: Tensor) -> WindowAttention {
        WindowAttention(
            batch: shape[0], height: shape[1], width: shape[2], window: window, heads: heads,
            headSize: shape[3] / (3 * heads), qkv: qkv.base, bias: others[0].base, arrangement: arrangement,
            position: others.count == 3
                ? .tables(height: others[1].base, width: others[2].base) : .offsets(others[1].base))
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
            qkv: SavedTensor(attended: inputs[0]), shape: shape, others: inputs.dropFirst().map(\.detached),
            heads: heads, window: window, arrangement: arrangement)
        let qkv = operands.qkv.tensor
        let output = Tensor(shape: [shape[0], shape[1], shape[2], shape[3] / 3]) {
            operands.call(qkv).forward(output: $0, statistics: isRecording ? statistics.storage.base : nil)
        }
        withExtendedLifetime(qkv) {}
        guard isRecording else { return output }
        let savedOutput = SavedTensor(output, isResult: true)
        return output.recorded(from: inputs) { [nodes = inputs.map(\.node)] gradient in
            let parts = operands.gradients(gradient, output: savedOutput.tensor, statistics: statistics)
            for (node, part) in zip(nodes, parts) { node?.accumulate(part) }
        }
    }

    /// Gradients of the operands, in their order.
    private func gradients(_ gradient: Tensor, output: Tensor, statistics: Tensor) -> [Tensor] {
        let qkv = qkv.tensor
        let parts = ([shape] + others.map(\.shape)).map { Tensor(shape: $0) { _ in } }
        Tensor.compute {
            let position: WindowAttention.PositionGradients =
                parts.count == 4
                ? .tables(height: parts[2].storage.base, width: parts[3].storage.base)
                : .offsets(parts[2].storage.base)
            withExtendedLifetime(qkv) {
                call(qkv).backward(
                    output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                    into: WindowAttention.Gradients(
                        qkv: parts[0].storage.base, bias: parts[1].storage.base, position: position))
            }
        }
        return parts
    }
}
