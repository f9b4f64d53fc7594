package import KernelABI
private import Kernels

extension Tensor {
    /// A convolution of size 3 with one pixel of zero padding: `[B, H, W, in]` ->
    /// `[B, ceil(H / stride), ceil(W / stride), out]`. See `TiledConvolution` in Kernels.
    ///
    /// - Parameters:
    ///   - weight: [out, in, 3, 3], PyTorch's Conv2d layout.
    ///   - bias: [out], or nil.
    ///   - stride: 1 or 2.
    ///   - activation: applied while a tile is in registers where no gradient is wanted; where one is, an operation of its
    ///     own.
    package func convolution3x3(
        weight: Tensor, bias: Tensor?, stride: Int = 1, activation: Activation = .identity
    ) -> Tensor {
        let isRecording = GradientRecording.isOn && (node != nil || weight.node != nil || bias?.node != nil)
        if activation != .identity && isRecording {
            let plain = convolution3x3(weight: weight, bias: bias, stride: stride)
            return activation == .relu ? plain.relu() : plain.gelu()
        }
        precondition(
            rank == 4 && weight.rank == 4 && weight.shape[1] == shape[3] && weight.shape[2...] == [3, 3]
                && bias.map { $0.shape == [weight.shape[0]] } ?? true,
            "3 x 3 convolution of \(shape) with a weight of \(weight.shape)")
        let sizes = Convolution3x3Sizes(input: shape, outputs: weight.shape[0], stride: stride)
        let kept = weight.detached
        let taps = sizes.tapsLast(kept)
        let result = Tensor(shape: sizes.output) { output in
            sizes.forward.run(
                input: base, weight: taps.base, bias: bias?.base, activation: activation, output: output)
        }
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) {
            [
                node, weightNode = weight.node, biasNode = bias?.node, keptWeight = node == nil ? nil : kept,
                keptInput = weight.node == nil ? nil : SavedTensor(self)
            ] gradient in
            if let node, let keptWeight { node.accumulate(sizes.inputGradient(gradient, weight: keptWeight)) }
            if let weightNode, let keptInput {
                weightNode.accumulate(sizes.weightGradient(gradient, input: keptInput.tensor))
            }
            biasNode?.accumulate { target, keep in
                ElementLoop.columnSums(
                    gradient.base, rows: gradient.rowCount, columns: gradient.lastSize, into: target, keep: keep)
            }
        }
    }
}
