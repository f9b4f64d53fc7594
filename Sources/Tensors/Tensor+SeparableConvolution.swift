private import Kernels

/// A linear layer's or a convolution's weight and bias, as ``Tensor/separableConvolution(expand:spread:project:stride:isResidual:)``
/// takes three of them.
package struct WeightAndBias: Sendable {
    package let weight: Tensor
    package let bias: Tensor

    package init(weight: Tensor, bias: Tensor) {
        self.weight = weight
        self.bias = bias
    }
}

extension Tensor {
    /// `project(gelu(spread(gelu(expand(x)))))`, and for a residual block `gelu(x + that)`, without the hidden picture in
    /// memory: two 1 x 1 convolutions with a depthwise 3 x 3 convolution between them. For prediction, as nothing is recorded;
    /// the bits are those of the operations one by one.
    ///
    /// Shapes: this tensor is [B, H, W, in]; D hidden channels.
    ///
    /// - Parameters:
    ///   - expand: [D, in, 1, 1] and [D].
    ///   - spread: [D, 1, 3, 3] and [D].
    ///   - project: [out, D, 1, 1] and [out].
    ///   - stride: 1 or 2, of the depthwise convolution.
    ///   - isResidual: then the stride is 1 and out = in.
    /// - Returns: [B, ceil(H / stride), ceil(W / stride), out]; nil for a picture of a few pixels, where the operations one by
    ///   one have other bits.
    package func separableConvolution(
        expand: WeightAndBias, spread: WeightAndBias, project: WeightAndBias, stride: Int, isResidual: Bool
    ) -> Tensor? {
        let hidden = expand.bias.count
        precondition(
            rank == 4 && expand.weight.shape == [hidden, shape[3], 1, 1] && spread.weight.shape == [hidden, 1, 3, 3]
                && spread.bias.count == hidden && project.weight.shape == [project.bias.count, hidden, 1, 1],
            "separable convolution of \(shape) with weights of \(expand.weight.shape), \(spread.weight.shape) and "
                + "\(project.weight.shape)")
        let sizes = SeparableConvolution.Sizes(
            batch: shape[0], height: shape[1], width: shape[2], inputs: shape[3], hidden: hidden,
            outputs: project.bias.count, stride: stride, isResidual: isResidual)
        guard sizes.areLarge else { return nil }
        let taps = spread.weight.detached.reshaped([hidden, 9]).permuted([1, 0])
        return Tensor(shape: [shape[0], sizes.outputHeight, sizes.outputWidth, sizes.outputs]) {
            SeparableConvolution(
                sizes,
                SeparableConvolution.Operands(
                    input: base, expandWeight: expand.weight.base, expandBias: expand.bias.base,
                    spreadWeight: taps.base, spreadBias: spread.bias.base, projectWeight: project.weight.base,
                    projectBias: project.bias.base)
            ).forward(output: $0)
        }
    }

    /// `x + W2 gelu(W1 norm(x) + b1) + b2` over the last axis, without the hidden activations in memory. For prediction, as
    /// nothing is recorded; the bits are those of the operations one by one.
    ///
    /// - Parameters:
    ///   - norm: [C] each.
    ///   - epsilon: of the norm.
    ///   - first: [D, C] and [D].
    ///   - second: [C, D] and [C].
    /// - Returns: of this shape; nil for a few tokens, where the operations one by one have other bits.
    package func addingMLP(
        norm: WeightAndBias, epsilon: Float, first: WeightAndBias, second: WeightAndBias
    ) -> Tensor? {
        let (rows, channels, hidden) = (rowCount, lastSize, first.bias.count)
        precondition(
            norm.weight.shape == [channels] && norm.bias.shape == [channels]
                && first.weight.shape == [hidden, channels] && second.weight.shape == [channels, hidden]
                && second.bias.shape == [channels],
            "MLP of \(shape) with weights of \(first.weight.shape) and \(second.weight.shape)")
        guard TokenMLP.isLarge(rows: rows, channels: channels, hidden: hidden) else { return nil }
        return Tensor(shape: shape) {
            TokenMLP(
                rows: rows, channels: channels, hidden: hidden,
                TokenMLP.Operands(
                    input: base, normWeight: norm.weight.base, normBias: norm.bias.base, epsilon: epsilon,
                    firstWeight: first.weight.base, firstBias: first.bias.base, secondWeight: second.weight.base,
                    secondBias: second.bias.base)
            ).forward(output: $0)
        }
    }
}
