internal import KernelABI
private import Kernels

extension Tensor {
    /// Multi-head attention: for each head, `softmax(scale q kᵀ + relative position) v` with `scale = headSize ^ -0.5`.
    ///
    /// - Parameters:
    ///   - query: [B, Nq, heads * headSize], a head's channels side by side.
    ///   - key: [B, Nk, heads * headSize].
    ///   - value: [B, Nk, heads * headSize].
    ///   - heads: number of heads.
    ///   - relativePosition: for self-attention over a grid; then Nq = Nk = H W.
    /// - Returns: [B, Nq, heads * headSize].
    package static func attention(
        query: Tensor, key: Tensor, value: Tensor, heads: Int, relativePosition: RelativePosition? = nil
    ) -> Tensor {
        precondition(
            query.rank == 3 && key.rank == 3 && key.shape == value.shape && query.shape[0] == key.shape[0]
                && query.shape[2] == key.shape[2] && heads >= 1 && query.shape[2] % heads == 0,
            "attention of query \(query.shape), key \(key.shape), value \(value.shape) with \(heads) heads")
        let tables = relativePosition.map { [$0.height, $0.width] } ?? []
        let call = AttentionCall(
            operands: [query.detached, key.detached, value.detached],
            offsets: [0, 0, 0], tables: tables.map(\.detached), heads: heads, channels: query.shape[2],
            grid: relativePosition?.grid)
        return call.run(inputs: [query, key, value] + tables)
    }

    /// ``attention(query:key:value:heads:relativePosition:)`` on the output of one linear layer for all three.
    ///
    /// `qkv` is [B, N, 3 * heads * headSize]: all queries, then all keys, then all values.
    package static func selfAttention(
        qkv: Tensor, heads: Int, relativePosition: RelativePosition? = nil
    ) -> Tensor {
        precondition(
            qkv.rank == 3 && heads >= 1 && qkv.shape[2] % (3 * heads) == 0,
            "qkv is [B, N, 3 C] with C a multiple of \(heads) heads, not \(qkv.shape)")
        let channels = qkv.shape[2] / 3
        let tables = relativePosition.map { [$0.height, $0.width] } ?? []
        let call = AttentionCall(
            operands: [qkv.detached], offsets: [0, channels, 2 * channels], tables: tables.map(\.detached),
            heads: heads, channels: channels, grid: relativePosition?.grid)
        return call.run(inputs: [qkv] + tables)
    }
}

/// One call of attention: its operands, each in a tensor of its own or all in one.
private struct AttentionCall {
    /// Query, key and value; or the one tensor that holds all three.
    let operands: [Tensor]
    /// First channel of the query, the key and the value in their tensors.
    let offsets: [Int]
    /// Height and width, or none.
    let tables: [Tensor]
    let heads: Int
    let channels: Int
    let grid: (height: Int, width: Int)?

    private var query: Tensor { operands[0] }
    private var key: Tensor { operands.count == 3 ? operands[1] : operands[0] }

    private var sizes: AttentionSizes {
        AttentionSizes(
            queries: query.shape[1], keys: key.shape[1], headSize: channels / heads, gridHeight: grid?.height ?? 0,
            gridWidth: grid?.width ?? 0)
    }

    private var attention: Attention {
        let parts = (0..<3).map { index in
            let tensor = operands.count == 3 ? operands[index] : operands[0]
            return Attention.Operand(
                tensor.base + offsets[index], batchStride: tensor.shape[1] * tensor.shape[2],
                tokenStride: tensor.shape[2])
        }
        return Attention(
            batch: query.shape[0], heads: heads, sizes: sizes, query: parts[0], key: parts[1], value: parts[2],
            tables: tables.isEmpty ? nil : (tables[0].base, tables[1].base))
    }

    /// - Parameter inputs: the operands and the tables, tied to the tape.
    func run(inputs: [Tensor]) -> Tensor {
        precondition(
            tables.allSatisfy { $0.shape[1] == channels / heads },
            "relative position tables \(tables.map(\.shape)) for heads of \(channels / heads)")
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        // Largest score and reciprocal sum of each query of each head.
        let statistics = Tensor(
            shape: isRecording ? [2, query.shape[0] * heads, query.shape[1]] : [0]
        ) { _ in }
        let output = Tensor(shape: [query.shape[0], query.shape[1], channels]) { output in
            attention.forward(output: output, statistics: isRecording ? statistics.storage.base : nil)
        }
        guard isRecording else { return output }
        // The operands stay as they are: the statistics are those of their scores, and rounded ones have others.
        let savedOutput = SavedTensor(output, isResult: true)
        return output.recorded(from: inputs) {
            [nodes = inputs.map(\.node)] gradient in
            for (node, part) in zip(nodes, backward(gradient, output: savedOutput.tensor, statistics: statistics)) {
                node?.accumulate(part)
            }
        }
    }

    /// The gradients of the operands and the tables, in their order.
    private func backward(_ gradient: Tensor, output: Tensor, statistics: Tensor) -> [Tensor] {
        let parts = (operands + tables).map { Tensor(shape: $0.shape) { _ in } }
        let targets = (0..<3).map { parts[operands.count == 3 ? $0 : 0].storage.base + offsets[$0] }
        Tensor.compute {
            attention.backward(
                output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                into: Attention.Gradients(
                    query: targets[0], key: targets[1], value: targets[2],
                    tables: tables.isEmpty
                        ? nil : (parts[operands.count].storage.base, parts[operands.count + 1].storage.base)))
        }
        return parts
    }
}
