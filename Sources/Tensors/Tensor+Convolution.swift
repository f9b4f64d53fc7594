private import Kernels
private import Runtime

extension Tensor {
    /// Cuts a picture into patches: `[B, H, W, C]` -> `[B, H / p, W / p, C * p * p]`, the last axis in the order of a PyTorch
    /// convolution weight (channel, row, column). A convolution of size p and stride p is this and a linear layer.
    package func patchify(_ size: Int) -> Tensor {
        precondition(
            rank == 4 && size >= 1 && shape[1] % size == 0 && shape[2] % size == 0,
            "patches of \(size) do not fill \(shape)")
        let (batch, height, width, channels) = (shape[0], shape[1] / size, shape[2] / size, shape[3])
        return reshaped([batch, height, size, width, size, channels])
            .permuted([0, 1, 3, 5, 2, 4])
            .reshaped([batch, height, width, channels * size * size])
    }

    /// Spreads channels over pixels: `[B, H, W, 4 * C]` -> `[B, 2H, 2W, C]`, the last axis in the order (row, column, channel),
    /// so that two pixels' channels are copied at once.
    package func pixelShuffled2x() -> Tensor {
        precondition(rank == 4 && shape[3] % 4 == 0, "\(shape) has no four values for each channel")
        let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3] / 4)
        return reshaped([batch, height, width, 2, 2, channels])
            .permuted([0, 1, 3, 2, 4, 5])
            .reshaped([batch, 2 * height, 2 * width, channels])
    }

    /// A transposed convolution of size 2 and stride 2: `[B, H, W, in]` -> `[B, 2H, 2W, out]`.
    ///
    /// - Parameters:
    ///   - weight: [in, out, 2, 2], PyTorch's ConvTranspose2d layout.
    ///   - bias: [out].
    package func transposedConvolution2x2(weight: Tensor, bias: Tensor?) -> Tensor {
        precondition(
            rank == 4 && weight.rank == 4 && weight.shape[0] == shape[3] && weight.shape[2...] == [2, 2],
            "transposed convolution of \(shape) with a weight of \(weight.shape)")
        let outputs = 4 * weight.shape[1]
        let byPixel = weight.permuted([2, 3, 1, 0]).reshaped([outputs, shape[3]])
        return linear(weight: byPixel, bias: bias?.repeatedLeading(4).reshaped([outputs])).pixelShuffled2x()
    }

    /// A convolution of size p and stride p: `[B, H, W, in]` -> `[B, H / p, W / p, out]`.
    ///
    /// - Parameters:
    ///   - weight: [out, in, p, p], PyTorch's Conv2d layout.
    ///   - bias: [out], or nil.
    package func patchConvolution(weight: Tensor, bias: Tensor?) -> Tensor {
        precondition(
            weight.rank == 4 && weight.shape[2] == weight.shape[3] && weight.shape[1] == lastSize,
            "patch convolution of \(shape) with a weight of \(weight.shape)")
        let size = weight.shape[2]
        let patches = size == 1 ? self : patchify(size)
        return patches.linear(
            weight: weight.reshaped([weight.shape[0], weight.shape[1] * size * size]), bias: bias)
    }
}
