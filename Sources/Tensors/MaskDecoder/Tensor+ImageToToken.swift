private import Kernels

/// Folded tokens that a picture attends to, and what follows the answer.
package struct FoldedTokens {
    /// B: [P, R, C].
    package let keys: Tensor
    /// s: [P, R].
    package let keyBias: Tensor
    /// U: [P, R, C].
    package let values: Tensor
    /// b: [C].
    package let bias: Tensor
    package let normWeight: Tensor
    package let normBias: Tensor
    package let epsilon: Float

    package init(
        keys: Tensor, keyBias: Tensor, values: Tensor, bias: Tensor, normWeight: Tensor, normBias: Tensor,
        epsilon: Float
    ) {
        precondition(
            keys.rank == 3 && keys.shape == values.shape && keyBias.shape == Array(keys.shape.dropLast())
                && [bias, normWeight, normBias].allSatisfy { $0.shape == [keys.shape[2]] },
            "folded keys \(keys.shape), bias \(keyBias.shape), values \(values.shape), channels \(bias.shape)")
        self.keys = keys
        self.keyBias = keyBias
        self.values = values
        self.bias = bias
        self.normWeight = normWeight
        self.normBias = normBias
        self.epsilon = epsilon
    }

    fileprivate var detached: FoldedTokens {
        FoldedTokens(
            keys: keys.detached, keyBias: keyBias.detached, values: values.detached, bias: bias.detached,
            normWeight: normWeight.detached, normBias: normBias.detached, epsilon: epsilon)
    }

    fileprivate var operands: ImageToToken.Operands {
        ImageToToken.Operands(
            keys: keys.base, keyBias: keyBias.base, values: values.base, bias: bias.base,
            normWeight: normWeight.base, normBias: normBias.base, epsilon: epsilon)
    }

    fileprivate var tensors: [Tensor] { [keys, keyBias, values, bias, normWeight, normBias] }
}

extension Tensor {
    /// Every cell attends to a prompt's tokens; the answer is added to the cell and normalised:
    /// `Y = norm(X + Pᵀ U + b)`, P the softmax over each head's tokens of `B (X + E)ᵀ + s`. See `ImageToToken` in Kernels.
    ///
    /// Shapes: P prompts, R rows (heads times tokens), K cells, C channels; this tensor is X, [P or 1, K, C].
    ///
    /// - Parameters:
    ///   - tokens: the folded tokens.
    ///   - heads: number of heads.
    ///   - position: E, [K, C], a constant.
    /// - Returns: [P, K, C].
    package func updatedByTokens(_ tokens: FoldedTokens, heads: Int, position: Tensor) -> Tensor {
        let prompts = tokens.keys.shape[0]
        precondition(
            rank == 3 && (shape[0] == prompts || shape[0] == 1) && shape[2] == tokens.keys.shape[2]
                && position.shape == Array(shape.dropFirst()) && position.node == nil,
            "picture \(shape), tokens \(tokens.keys.shape), position \(position.shape)")
        let operands = UpdatedImage(
            image: detached, position: position.detached, tokens: tokens.detached, heads: heads)
        let isRecording = GradientRecording.isOn && ([self] + tokens.tensors).contains { $0.node != nil }
        // Where memory is short, and activations are kept in half of it, these are computed again instead.
        let kept =
            isRecording && SavedActivations.format == .float32
            ? KeptAttention(
                probabilities: Tensor(shape: [prompts, tokens.keys.shape[1], shape[1]]) { _ in },
                sums: Tensor(shape: [prompts, shape[1], shape[2]]) { _ in }) : nil
        let output = Tensor(shape: [prompts, shape[1], shape[2]]) {
            operands.call.forward(output: $0, kept: kept?.pointers)
        }
        guard isRecording else { return output }
        let saved = SavedTensor(self)
        return output.recorded(from: [self] + tokens.tensors) {
            [node, nodes = tokens.tensors.map(\.node), place = position.detached, tokens = tokens.detached] gradient in
            let operands = UpdatedImage(image: saved.tensor, position: place, tokens: tokens, heads: heads)
            let parts = tokens.tensors[..<3].map { Tensor(shape: $0.shape) { _ in } }
            let channels = Tensor(shape: [3, place.shape[1]]) { _ in }
            func run(_ target: (target: UnsafeMutablePointer<Float>, keep: Float)?) {
                operands.call.backward(
                    outputGradient: gradient.base, kept: kept?.pointers,
                    into: ImageToToken.Gradients(
                        keys: parts[0].storage.base, keyBias: parts[1].storage.base, values: parts[2].storage.base,
                        channels: channels.storage.base, image: target))
            }
            if let node { node.accumulate { run(($0, $1)) } } else { Tensor.compute { run(nil) } }
            for (node, part) in zip(nodes, parts) { node?.accumulate(part) }
            for (row, node) in nodes[3...].enumerated() {
                node?.accumulate(channels.sliced(axis: 0, range: row..<row + 1).reshaped([place.shape[1]]))
            }
        }
    }
}

/// What the forward pass keeps for the way back.
private struct KeptAttention {
    let probabilities: Tensor
    let sums: Tensor

    var pointers: ImageToToken.Kept {
        ImageToToken.Kept(probabilities: probabilities.storage.base, sums: sums.storage.base)
    }
}

/// The operands of a call, which live as long as this.
private struct UpdatedImage {
    let image: Tensor
    let position: Tensor
    let tokens: FoldedTokens
    let heads: Int

    var call: ImageToToken {
        let prompts = tokens.keys.shape[0]
        return ImageToToken(
            prompts: prompts, heads: heads, rows: tokens.keys.shape[1], cells: image.shape[1],
            channels: image.shape[2], image: image.base, isImageShared: image.shape[0] < prompts,
            position: position.base, operands: tokens.operands)
    }
}
