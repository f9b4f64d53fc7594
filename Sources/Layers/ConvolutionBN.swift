package import KernelABI
package import Tensors

/// A convolution without a bias and a batch normalisation behind it, on pictures with channels last.
///
/// With running statistics the normalisation is multiplied into the convolution, once for all calls until a weight changes;
/// where gradients are wanted, on the tape, so that they find their way to all weights of both. With the batch's own
/// statistics it is an operation of its own.
package struct ConvolutionBN: Module {
    /// What the convolution sees, and whether of all channels or of one.
    package enum Kind: Sendable, Hashable {
        /// A linear layer on every pixel.
        case pointwise
        /// Size 3 with one pixel of padding, stride 1 or 2.
        case spatial(stride: Int)
        /// The same of each channel alone.
        case depthwise(stride: Int)
    }

    /// [out, in, 1, 1], [out, in, 3, 3], or [out, 1, 3, 3] for depthwise ones.
    package let weight: Parameter
    package let norm: BatchNorm
    package let kind: Kind
    private let cache = FoldedConvolutionCache()

    /// Weights as PyTorch's Conv2d; `name` is the path in a checkpoint, to which `.c` and `.bn` are added.
    ///
    /// - Parameter initialWeight: of the normalisation.
    package init(
        _ name: String, _ kind: Kind, inputs: Int, outputs: Int, initialWeight: Float = 1,
        batchStatistics: BatchStatisticsSwitch, from initializer: WeightInitializer
    ) {
        let (seen, side) =
            switch kind {
            case .pointwise: (inputs, 1)
            case .spatial: (inputs, 3)
            case .depthwise: (1, 3)
            }
        if case .depthwise = kind {
            precondition(inputs == outputs, "a depthwise convolution from \(inputs) to \(outputs) channels")
        }
        self.kind = kind
        weight = initializer.fanInUniform(
            "\(name).c.weight", shape: [outputs, seen, side, side], fanIn: seen * side * side)
        norm = BatchNorm(
            "\(name).bn", channels: outputs, initialWeight: initialWeight, batchStatistics: batchStatistics,
            from: initializer)
    }

    /// Weight and bias with the running statistics multiplied in: tied to the tape where they are trained and a gradient is
    /// recorded, kept between calls where not.
    package func folded() -> FoldedConvolution {
        let isTrained = weight.isTrainable || norm.weight.isTrainable || norm.bias.isTrainable
        if GradientRecording.isOn && isTrained { return fold() }
        return cache.folded(of: parameters, fold)
    }

    private func fold() -> FoldedConvolution {
        let (factor, shift) = norm.affine()
        let (outputs, rest) = (weight.shape[0], weight.count / weight.shape[0])
        let columns = weight.tensor.reshaped([outputs, rest]).permuted([1, 0]) * factor
        return FoldedConvolution(weight: columns.permuted([1, 0]).reshaped(weight.shape), bias: shift)
    }

    /// - Parameters:
    ///   - x: [B, H, W, in].
    ///   - activation: behind the normalisation.
    /// - Returns: [B, ceil(H / stride), ceil(W / stride), out].
    package func callAsFunction(_ x: Tensor, activation: Activation = .identity) -> Tensor {
        guard norm.batchStatistics.isOn else {
            let folded = folded()
            return convolve(x, folded.weight, folded.bias, activation)
        }
        let normed = norm.withBatchStatistics(convolve(x, weight.tensor, nil, .identity))
        switch activation {
        case .identity: return normed
        case .relu: return normed.relu()
        case .gelu: return normed.gelu()
        }
    }

    private func convolve(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation) -> Tensor {
        switch kind {
        case .pointwise:
            x.linear(
                weight: weight.reshaped([weight.shape[0], weight.shape[1]]), bias: bias, activation: activation)
        case .spatial(let stride):
            x.convolution3x3(weight: weight, bias: bias, stride: stride, activation: activation)
        case .depthwise(let stride):
            x.depthwiseConvolution3x3(weight: weight, bias: bias, stride: stride, activation: activation)
        }
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        norm.forEachParameter(body)
    }
}
