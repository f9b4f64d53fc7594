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
            inputs: [query, key, value], offsets: [0, 0, 0], tables: tables.map(\.detached), heads: heads,
            channels: query.shape[2], grid: relativePosition?.grid)
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
            inputs: [qkv], offsets: [0, channels, 2 * channels], tables: tables.map(\.detached), heads: heads,
            channels: channels, grid: relativePosition?.grid)
        return call.run(inputs: [qkv] + tables)
    }
}

/// One call of attention: what it keeps of its operands, each in a tensor of its own or all in one.
private struct AttentionCall {
    /// Query, key and value; or the one tensor that holds all three.
    let operands: [SavedTensor]
    let shapes: [[Int]]
    /// First channel of the query, the key and the value in their tensors.
    let offsets: [Int]
    /// Height and width, or none.
    let tables: [Tensor]
    let heads: Int
    let channels: Int
    let grid: (height: Int, width: Int)?

    init(
        inputs: [Tensor], offsets: [Int], tables: [Tensor], heads: Int, channels: Int, grid: (height: Int, width: Int)?
    ) {
        // Three operands of their own are the decoder's: few numbers, or those of a picture that is kept anyway.
        operands = inputs.count == 1 ? [SavedTensor(attended: inputs[0])] : inputs.map { SavedTensor(whole: $0) }
        shapes = inputs.map(\.shape)
        (self.offsets, self.tables, self.heads, self.channels, self.grid) = (offsets, tables, heads, channels, grid)
    }

    private var batch: Int { shapes[0][0] }
    private var queries: Int { shapes[0][1] }

    /// Which of the operands holds the query, the key and the value.
    private var places: [Int] { operands.count == 3 ? [0, 1, 2] : [0, 0, 0] }

    /// - Parameter operands: of these, as they are read; they must live on until the call is done.
    private func attention(_ operands: [Tensor]) -> Attention {
        let parts = zip(places, offsets).map { place, offset in
            Attention.Operand(
                operands[place].base + offset, batchStride: shapes[place][1] * shapes[place][2],
                tokenStride: shapes[place][2])
        }
        return Attention(
            batch: batch, heads: heads,
            sizes: AttentionSizes(
                queries: queries, keys: shapes[places[1]][1], headSize: channels / heads,
                gridHeight: grid?.height ?? 0, gridWidth: grid?.width ?? 0),
            query: parts[0], key: parts[1], value: parts[2],
            tables: tables.isEmpty ? nil : (tables[0].base, tables[1].base))
    }

    /// - Parameter inputs: the operands and the tables, tied to the tape.
    func run(inputs: [Tensor]) -> Tensor {
        precondition(
            tables.allSatisfy { $0.shape[1] == channels / heads },
            "relative position tables \(tables.map(\.shape)) for heads of \(channels / heads)")
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        // Largest score and reciprocal sum of each query of each head.
        let statistics = Tensor(shape: isRecording ? [2, batch * heads, queries] : [0]) { _ in }
        let read = operands.map(\.tensor)
        let output = Tensor(shape: [batch, queries, channels]) { output in
            withExtendedLifetime(read) {
                attention(read).forward(output: output, statistics: isRecording ? statistics.storage.base : nil)
            }
        }
        guard isRecording else { return output }
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
        let read = operands.map(\.tensor)
        let parts = (shapes + tables.map(\.shape)).map { Tensor(shape: $0) { _ in } }
        let targets = zip(places, offsets).map { parts[$0].storage.base + $1 }
        Tensor.compute {
            withExtendedLifetime(read) {
                attention(read).backward(
                    output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                    into: Attention.Gradients(
                        query: targets[0], key: targets[1], value: targets[2],
                        tables: tables.isEmpty
                            ? nil : (parts[shapes.count].storage.base, parts[shapes.count + 1].storage.base)))
            }
        }
        return parts
    }
}
