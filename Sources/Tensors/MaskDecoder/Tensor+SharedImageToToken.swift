private import Kernels

/// What the cells of a shared picture ask, and what each prompt adds to them.
///
/// Shapes: P prompts, K cells, C channels, H heads of d channels inside, r channels of a prompt; d and r are multiples of 16.
package struct SharedCells {
    /// Q: [K, H d].
    package let queries: Tensor
    /// h, [P, K, r], and Wᵀ, [r, C]; or nil.
    package let own: (channels: Tensor, weight: Tensor)?

    package init(queries: Tensor, own: (channels: Tensor, weight: Tensor)?) {
        precondition(
            queries.rank == 2
                && own.map {
                    $0.channels.rank == 3 && $0.channels.shape[1] == queries.shape[0] && $0.weight.rank == 2
                        && $0.weight.shape[0] == $0.channels.shape[2]
                } ?? true,
            "queries \(queries.shape), channels of the prompts "
                + (own.map { "\($0.channels.shape) with \($0.weight.shape)" } ?? "none"))
        self.queries = queries
        self.own = own
    }

    fileprivate var tensors: [Tensor] { [queries] + (own.map { [$0.channels, $0.weight] } ?? []) }

    fileprivate var detached: SharedCells {
        SharedCells(queries: queries.detached, own: own.map { ($0.channels.detached, $0.weight.detached) })
    }
}

extension Tensor {
    /// Every cell of a picture that all prompts share attends to each prompt's tokens; the answer is added to the cell and
    /// normalised: `norm(X + [Pᵀ | h] [U; Wᵀ] + b)`; see `SharedImageToToken` in Kernels.
    ///
    /// Shapes: P prompts, H heads, R rows (heads times tokens), D = d + r; this tensor is X, [K, C].
    ///
    /// - Parameters:
    ///   - tokens: keys of D channels and values of C, no key bias, which the queries hold.
    ///   - heads: H.
    ///   - cells: what the picture asks.
    /// - Returns: [P, K, C].
    package func updatedByTokens(_ tokens: FoldedTokens, heads: Int, cells: SharedCells) -> Tensor {
        let prompts = tokens.keys.shape[0]
        let own = cells.own?.channels.shape[2] ?? 0
        let inner = cells.queries.shape[1]
        precondition(
            rank == 2 && cells.queries.shape[0] == shape[0] && tokens.values.shape[2] == shape[1]
                && inner % heads == 0 && tokens.keys.shape[1] % heads == 0
                && tokens.keys.shape[2] == inner / heads + own && tokens.keyBias == nil
                && cells.own.map { $0.channels.shape[0] == prompts && $0.weight.shape[1] == shape[1] } ?? true,
            "picture \(shape), queries \(cells.queries.shape), keys \(tokens.keys.shape) of \(heads) heads, values "
                + "\(tokens.values.shape), \(own) channels of the prompts")
        let inputs = [self] + tokens.tensors + cells.tensors
        let isRecording = GradientRecording.isOn && inputs.contains { $0.node != nil }
        // The operands stay as they are: few numbers, as prompts share the picture.
        let operands = AskedCells(image: detached, tokens: tokens.detached, cells: cells.detached, heads: heads)
        let kept =
            isRecording
            ? SavedActivations.formatOfIntermediates.map { format in
                KeptSums(
                    sums: KeptTensor(count: prompts * count, format),
                    statistics: Tensor(shape: [2, prompts, shape[0]]) { _ in })
            } : nil
        let output = Tensor(shape: [prompts] + shape) { operands.call.forward(output: $0, kept: kept?.pointers) }
        guard isRecording else { return output }
        return output.recorded(from: inputs) {
            [
                node, tokenNodes = tokens.tensors.map(\.node), queryNode = cells.queries.node,
                ownNodes = cells.own.map { ($0.channels.node, $0.weight.node) }
            ] gradient in
            func part(_ tensor: Tensor?) -> Tensor { Tensor(shape: tensor?.shape ?? [0]) { _ in } }
            let learnsOwn = ownNodes.map { $0.0 != nil || $0.1 != nil } ?? false
            let keys = part(operands.tokens.keys)
            let values = part(operands.tokens.values)
            let queries = part(operands.cells.queries)
            let channels = Tensor(shape: [3, operands.image.shape[1]]) { _ in }
            let image = part(node == nil ? nil : operands.image)
            let ownChannels = part(learnsOwn ? operands.cells.own?.channels : nil)
            let ownWeight = part(learnsOwn ? operands.cells.own?.weight : nil)
            Tensor.compute {
                operands.call.backward(
                    outputGradient: gradient.base, kept: kept?.pointers,
                    into: SharedImageToToken.Gradients(
                        keys: keys.storage.base, values: values.storage.base, queries: queries.storage.base,
                        channels: channels.storage.base, image: node == nil ? nil : image.storage.base,
                        own: learnsOwn ? (ownChannels.storage.base, ownWeight.storage.base) : nil))
            }
            node?.accumulate(image)
            queryNode?.accumulate(queries)
            if let ownNodes {
                ownNodes.0?.accumulate(ownChannels)
                ownNodes.1?.accumulate(ownWeight)
            }
            tokenNodes[0]?.accumulate(keys)
            tokenNodes[1]?.accumulate(values)
            for (row, node) in tokenNodes[2...].enumerated() {
                node?.accumulate(channels.sliced(axis: 0, range: row..<row + 1).reshaped([channels.shape[1]]))
            }
        }
    }
}

/// What the forward pass keeps for the way back.
private struct KeptSums {
    let sums: KeptTensor
    let statistics: Tensor

    var pointers: SharedImageToToken.Kept {
        SharedImageToToken.Kept(sums: sums.floats, statistics: statistics.storage.base)
    }
}

/// The operands of a call, which live as long as this.
private struct AskedCells {
    let image: Tensor
    let tokens: FoldedTokens
    let cells: SharedCells
    let heads: Int

    var call: SharedImageToToken {
        SharedImageToToken(
            SharedImageToToken.Sizes(
                prompts: tokens.keys.shape[0], heads: heads, tokens: tokens.keys.shape[1] / heads,
                cells: image.shape[0], channels: image.shape[1], headSize: cells.queries.shape[1] / heads,
                own: cells.own?.channels.shape[2] ?? 0),
            SharedImageToToken.Operands(
                image: image.base, queries: cells.queries.base,
                own: cells.own.map { ($0.channels.base, $0.weight.base) }, keys: tokens.keys.base,
                values: tokens.values.base, bias: tokens.bias.base, normWeight: tokens.normWeight.base,
                normBias: tokens.normBias.base, epsilon: tokens.epsilon))
    }
}
