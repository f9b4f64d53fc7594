private import Kernels

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
        guard let keyBias = tokens.keyBias else { preconditionFailure("folded keys of a picture come with their bias") }
        precondition(
            rank == 3 && (shape[0] == prompts || shape[0] == 1) && shape[2] == tokens.keys.shape[2]
                && tokens.values.shape == tokens.keys.shape
                && position.shape == Array(shape.dropFirst()) && position.node == nil,
            "picture \(shape), tokens \(tokens.keys.shape), position \(position.shape)")
        let operands = UpdatedImage(
            image: detached, position: position.detached, tokens: tokens.detached, keyBias: keyBias.detached,
            heads: heads)
        let inputs = [self, keyBias] + tokens.tensors
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        let kept =
            isRecording
            ? SavedActivations.formatOfIntermediates.map { format in
                KeptAttention(
                    probabilities: KeptTensor(count: prompts * tokens.keys.shape[1] * shape[1], format),
                    sums: KeptTensor(count: prompts * shape[1] * shape[2], format),
                    statistics: Tensor(shape: [2, prompts, shape[1]]) { _ in })
            } : nil
        let output = Tensor(shape: [prompts, shape[1], shape[2]]) {
            operands.call.forward(output: $0, kept: kept?.pointers)
        }
        guard isRecording else { return output }
        let saved = SavedTensor(self)
        return output.recorded(from: inputs) {
            [
                node, biasNode = keyBias.node, nodes = tokens.tensors.map(\.node), place = position.detached,
                tokens = tokens.detached, keyBias = keyBias.detached
            ] gradient in
            let operands = UpdatedImage(
                image: saved.tensor, position: place, tokens: tokens, keyBias: keyBias, heads: heads)
            let parts = [tokens.keys, tokens.values, keyBias].map { Tensor(shape: $0.shape) { _ in } }
            let channels = Tensor(shape: [3, place.shape[1]]) { _ in }
            func run(_ target: (target: UnsafeMutablePointer<Float>, keep: Float)?) {
                operands.call.backward(
                    outputGradient: gradient.base, kept: kept?.pointers,
                    into: ImageToToken.Gradients(
                        keys: parts[0].storage.base, keyBias: parts[2].storage.base, values: parts[1].storage.base,
                        channels: channels.storage.base, image: target))
            }
            if let node { node.accumulate { run(($0, $1)) } } else { Tensor.compute { run(nil) } }
            for (node, part) in zip([nodes[0], nodes[1], biasNode], parts) { node?.accumulate(part) }
            for (row, node) in nodes[2...].enumerated() {
                node?.accumulate(channels.sliced(axis: 0, range: row..<row + 1).reshaped([place.shape[1]]))
            }
        }
    }
}

/// What the forward pass keeps for the way back.
private struct KeptAttention {
    let probabilities: KeptTensor
    let sums: KeptTensor
    let statistics: Tensor

    var pointers: ImageToToken.Kept {
        ImageToToken.Kept(
            probabilities: probabilities.floats, sums: sums.floats, statistics: statistics.storage.base)
    }
}

/// The operands of a call, which live as long as this.
private struct UpdatedImage {
    let image: Tensor
    let position: Tensor
    let tokens: FoldedTokens
    let keyBias: Tensor
    let heads: Int

    var call: ImageToToken {
        let prompts = tokens.keys.shape[0]
        return ImageToToken(
            prompts: prompts, heads: heads, rows: tokens.keys.shape[1], cells: image.shape[1],
            channels: image.shape[2], image: image.base, isImageShared: image.shape[0] < prompts,
            position: position.base,
            operands: ImageToToken.Operands(
                keys: tokens.keys.base, keyBias: keyBias.base, values: tokens.values.base, bias: tokens.bias.base,
                normWeight: tokens.normWeight.base, normBias: tokens.normBias.base, epsilon: tokens.epsilon))
    }
}
