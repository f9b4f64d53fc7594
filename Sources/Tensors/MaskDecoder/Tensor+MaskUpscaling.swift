private import Kernels

/// The weights of the way from tokens to masks, in PyTorch's layouts.
package struct UpscalingWeights {
    /// [C, C1, 2, 2]
    package let firstWeight: Tensor
    /// [C1]
    package let firstBias: Tensor
    package let normWeight: Tensor
    package let normBias: Tensor
    package let epsilon: Float
    /// [C1, C2, 2, 2]
    package let secondWeight: Tensor
    /// [C2]
    package let secondBias: Tensor

    package init(
        firstWeight: Tensor, firstBias: Tensor, normWeight: Tensor, normBias: Tensor, epsilon: Float,
        secondWeight: Tensor, secondBias: Tensor
    ) {
        self.firstWeight = firstWeight
        self.firstBias = firstBias
        self.normWeight = normWeight
        self.normBias = normBias
        self.epsilon = epsilon
        self.secondWeight = secondWeight
        self.secondBias = secondBias
    }

    /// As the kernel wants them: the channels of a cell's four pixels side by side, biases once for each.
    fileprivate var byPixel: [Tensor] {
        func weight(_ tensor: Tensor) -> Tensor {
            tensor.permuted([0, 2, 3, 1]).reshaped([tensor.shape[0], 4 * tensor.shape[1]])
        }
        func bias(_ tensor: Tensor) -> Tensor { tensor.repeatedLeading(4).reshaped([4 * tensor.count]) }
        return [
            weight(firstWeight), bias(firstBias), normWeight, normBias, weight(secondWeight), bias(secondBias),
        ]
    }
}

extension Tensor {
    /// Masks of a picture of tokens at four times its side: transposed convolution, norm, GELU, transposed convolution,
    /// GELU, and the product with the masks' filters. See `MaskUpscaling` in Kernels.
    ///
    /// Shapes: P prompts, G side of the grid, C channels, M masks; this tensor is [P, G * G, C].
    ///
    /// - Parameters:
    ///   - weights: of the convolutions and the norm.
    ///   - filters: [P, M, C2].
    ///   - grid: G.
    /// - Returns: logits [P, M, 4 G, 4 G].
    package func upscaledToMasks(_ weights: UpscalingWeights, filters: Tensor, grid: Int) -> Tensor {
        let (c1, c2) = (weights.firstWeight.shape[1], weights.secondWeight.shape[1])
        precondition(
            rank == 3 && filters.rank == 3 && shape[0] == filters.shape[0] && shape[1] == grid * grid
                && weights.firstWeight.shape == [shape[2], c1, 2, 2] && weights.secondWeight.shape == [c1, c2, 2, 2]
                && filters.shape[2] == c2 && weights.firstBias.shape == [c1] && weights.secondBias.shape == [c2]
                && weights.normWeight.shape == [c1] && weights.normBias.shape == [c1],
            "picture \(shape) of side \(grid), filters \(filters.shape), weights \(weights.firstWeight.shape) and "
                + "\(weights.secondWeight.shape)")
        let inputs = weights.byPixel
        let operands = UpscaledImage(
            image: detached, filters: filters.detached, weights: inputs.map(\.detached), grid: grid,
            epsilon: weights.epsilon)
        let isRecording = GradientRecording.isOn && ([self, filters] + inputs).contains { $0.node != nil }
        let keptFirst =
            isRecording
            ? SavedActivations.formatOfIntermediates.map { KeptTensor(count: shape[0] * shape[1] * 4 * c1, $0) } : nil
        let output = Tensor(shape: [shape[0], filters.shape[1], 4 * grid, 4 * grid]) {
            operands.call.forward(output: $0, kept: keptFirst?.floats)
        }
        guard isRecording else { return output }
        let saved = SavedTensor(self)
        return output.recorded(from: [self, filters] + inputs) {
            [
                node, filterNode = filters.node, nodes = inputs.map(\.node), filters = filters.detached,
                kept = inputs.map(\.detached), epsilon = weights.epsilon
            ] gradient in
            let operands = UpscaledImage(
                image: saved.tensor, filters: filters, weights: kept, grid: grid, epsilon: epsilon)
            let call = operands.call
            let counts = call.weightCounts
            let sums = Tensor(shape: [counts.reduce(0, +)]) { _ in }
            let filterGradient = Tensor(shape: filters.shape) { _ in }
            func run(_ target: (target: UnsafeMutablePointer<Float>, keep: Float)?) {
                withExtendedLifetime(operands) {
                    call.backward(
                        outputGradient: gradient.base, kept: keptFirst?.floats,
                        into: MaskUpscaling.Gradients(
                            image: target, filters: filterGradient.storage.base, weights: sums.storage.base))
                }
            }
            if let node { node.accumulate { run(($0, $1)) } } else { Tensor.compute { run(nil) } }
            filterNode?.accumulate(filterGradient)
            var start = 0
            for (index, node) in nodes.enumerated() {
                let part = sums.sliced(axis: 0, range: start..<start + counts[index])
                node?.accumulate(part.reshaped(kept[index].shape))
                start += counts[index]
            }
        }
    }
}

/// The operands of a call, which live as long as this; weights by pixel.
private struct UpscaledImage {
    let image: Tensor
    let filters: Tensor
    let weights: [Tensor]
    let grid: Int
    let epsilon: Float

    var call: MaskUpscaling {
        MaskUpscaling(
            MaskUpscaling.Sizes(
                prompts: image.shape[0], grid: grid, channels: image.shape[2],
                firstChannels: weights[1].count / 4, secondChannels: weights[5].count / 4, masks: filters.shape[1]),
            MaskUpscaling.Operands(
                image: image.base, firstWeight: weights[0].base, firstBias: weights[1].base,
                normWeight: weights[2].base, normBias: weights[3].base, epsilon: epsilon,
                secondWeight: weights[4].base, secondBias: weights[5].base, filters: filters.base))
    }
}
