private import Kernels

/// A picture that all prompts share, as the heads of an attention see it, and the channels that each prompt adds to it.
///
/// Shapes: P prompts, K cells, H heads of d channels, r channels of a prompt; d and r are multiples of 16.
package struct SharedHeads {
    /// [K, H d]
    package let keys: Tensor
    /// [K, H d]
    package let values: Tensor
    /// h: [P, K, r], or nil.
    package let own: Tensor?

    package init(keys: Tensor, values: Tensor, own: Tensor?) {
        precondition(
            keys.rank == 2 && keys.shape == values.shape
                && own.map { $0.rank == 3 && $0.shape[1] == keys.shape[0] } ?? true,
            "keys \(keys.shape), values \(values.shape), channels of the prompts \(own.map { "\($0.shape)" } ?? "none")"
        )
        self.keys = keys
        self.values = values
        self.own = own
    }

    fileprivate var tensors: [Tensor] { [keys, values] + (own.map { [$0] } ?? []) }

    fileprivate var detached: SharedHeads {
        SharedHeads(keys: keys.detached, values: values.detached, own: own?.detached)
    }
}

extension Tensor {
    /// Rows of several heads attend to all cells of a shared picture: for each head
    /// `softmax(A_j [K_j | h]ᵀ) [V_j | h]`; see `TokenToSharedImage` in Kernels.
    ///
    /// Shapes: P prompts, H heads of N rows, D = d + r; this tensor is A, [P, H N, D].
    ///
    /// - Parameters:
    ///   - picture: keys, values and the prompts' own channels.
    ///   - heads: H.
    /// - Returns: [P, H N, D].
    package func attendingToSharedImage(_ picture: SharedHeads, heads: Int) -> Tensor {
        let own = picture.own?.shape[2] ?? 0
        precondition(
            rank == 3 && shape[1] % heads == 0 && picture.keys.shape[1] % heads == 0
                && shape[2] == picture.keys.shape[1] / heads + own
                && picture.own.map { $0.shape[0] == shape[0] } ?? true,
            "rows \(shape) of \(heads) heads, keys \(picture.keys.shape), \(own) channels of the prompts")
        let inputs = [self] + picture.tensors
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        let statistics = Tensor(shape: isRecording ? [2, shape[0], shape[1]] : [0]) { _ in }
        // The operands stay as they are: the statistics are those of their scores, and rounded ones have others.
        let operands = AttendedHeads(rows: detached, picture: picture.detached, heads: heads)
        let output = Tensor(shape: shape) {
            operands.call.forward(output: $0, statistics: isRecording ? statistics.storage.base : nil)
        }
        guard isRecording else { return output }
        let kept = output.detached
        return output.recorded(from: inputs) { [nodes = inputs.map(\.node)] gradient in
            let parts = operands.tensors.enumerated().map { index, tensor in
                Tensor(shape: index < 3 || nodes[index] != nil ? tensor.shape : [0]) { _ in }
            }
            Tensor.compute {
                operands.call.backward(
                    output: kept.base, outputGradient: gradient.base, statistics: statistics.base,
                    into: TokenToSharedImage.Gradients(
                        queries: parts[0].storage.base, keys: parts[1].storage.base, values: parts[2].storage.base,
                        own: nodes.count > 3 && nodes[3] != nil ? parts[3].storage.base : nil))
            }
            for (node, part) in zip(nodes, parts) { node?.accumulate(part) }
        }
    }
}

/// The operands of a call, which live as long as this.
private struct AttendedHeads {
    let rows: Tensor
    let picture: SharedHeads
    let heads: Int

    var tensors: [Tensor] { [rows] + picture.tensors }

    var call: TokenToSharedImage {
        TokenToSharedImage(
            TokenToSharedImage.Sizes(
                prompts: rows.shape[0], heads: heads, tokens: rows.shape[1] / heads, cells: picture.keys.shape[0],
                headSize: picture.keys.shape[1] / heads, own: picture.own?.shape[2] ?? 0),
            TokenToSharedImage.Operands(
                queries: rows.base, keys: picture.keys.base, values: picture.values.base, own: picture.own?.base))
    }
}
