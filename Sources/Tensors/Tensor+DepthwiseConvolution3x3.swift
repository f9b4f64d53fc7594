package import KernelABI
private import Kernels

extension Tensor {
    /// A convolution of size 3 of each channel alone, with one pixel of zero padding: `[B, H, W, C]` ->
    /// `[B, ceil(H / stride), ceil(W / stride), C]`.
    ///
    /// - Parameters:
    ///   - weight: [C, 1, 3, 3], PyTorch's layout of a Conv2d with C groups.
    ///   - bias: [C], or nil.
    ///   - stride: 1 or 2.
    ///   - activation: applied while a line is in registers where no gradient is wanted; where one is, an operation of its
    ///     own.
    package func depthwiseConvolution3x3(
        weight: Tensor, bias: Tensor?, stride: Int, activation: Activation = .identity
    ) -> Tensor {
        let isRecording = GradientRecording.isOn && (node != nil || weight.node != nil || bias?.node != nil)
        if activation != .identity && isRecording {
            let plain = depthwiseConvolution3x3(weight: weight, bias: bias, stride: stride)
            return activation == .relu ? plain.relu() : plain.gelu()
        }
        precondition(
            rank == 4 && weight.shape == [shape[3], 1, 3, 3] && bias.map { $0.shape == [shape[3]] } ?? true,
            "depthwise convolution of \(shape): weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none")")
        let call = DepthwiseConvolution3x3(
            batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], stride: stride)
        let taps = weight.detached.reshaped([shape[3], 9]).permuted([1, 0])
        let result = Tensor(shape: [shape[0], call.outputHeight, call.outputWidth, shape[3]]) {
            call.forward(input: base, weight: taps.base, bias: bias?.base, activation: activation, output: $0)
        }
        let needsSums = weight.node != nil || bias?.node != nil
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) {
            [
                node, weightNode = weight.node, biasNode = bias?.node, channels = shape[3],
                keptTaps = node == nil ? nil : taps, kept = needsSums ? SavedTensor(self) : nil
            ] gradient in
            if let node, let keptTaps {
                node.accumulate(
                    Tensor(shape: node.shape) {
                        call.inputGradient(gradient.base, weight: keptTaps.base, into: $0)
                    })
            }
            if let kept {
                let input = kept.tensor
                let sums = Tensor(shape: [10, channels]) {
                    call.weightGradient(gradient.base, input: input.base, into: $0)
                }
                weightNode?.accumulate(
                    sums.sliced(axis: 0, range: 0..<9).permuted([1, 0]).reshaped([channels, 1, 3, 3]))
                biasNode?.accumulate(sums.sliced(axis: 0, range: 9..<10).reshaped([channels]))
            }
        }
    }
}
