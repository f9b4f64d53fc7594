internal import Kernels

/// The sizes of a 3 x 3 convolution, and its gradients.
struct Convolution3x3Sizes {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let stride: Int
    private let picture: TiledConvolution.Size
    private let result: TiledConvolution.Size

    /// - Parameter input: [B, H, W, in].
    init(input: [Int], outputs: Int, stride: Int) {
        batch = input[0]
        inputs = input[3]
        self.outputs = outputs
        self.stride = stride
        picture = TiledConvolution.Size(height: input[1], width: input[2])
        result = TiledConvolution.Size(
            height: (input[1] + stride - 1) / stride, width: (input[2] + stride - 1) / stride)
    }

    /// [B, ceil(H / stride), ceil(W / stride), out]
    var output: [Int] { [batch, result.height, result.width, outputs] }

    var forward: TiledConvolution {
        TiledConvolution(
            batch: batch, source: picture, target: result, sourceChannels: inputs, targetChannels: outputs,
            stride: stride)
    }

    /// [out, in, 3, 3] -> [out, 3 * 3, in]
    func tapsLast(_ weight: Tensor) -> Tensor { weight.reshaped([outputs, inputs, 9]).permuted([0, 2, 1]) }

    /// The input's gradient, [B, H, W, in].
    func inputGradient(_ gradient: Tensor, weight: Tensor) -> Tensor {
        let call = TiledConvolution(
            batch: batch, source: result, target: picture, sourceChannels: outputs, targetChannels: inputs,
            stride: stride, isBackward: true)
        let taps = weight.reshaped([outputs, inputs, 9]).permuted([1, 2, 0])
        return Tensor(shape: [batch, picture.height, picture.width, inputs]) {
            call.run(input: gradient.base, weight: taps.base, output: $0)
        }
    }

    /// The weight's gradient, [out, in, 3, 3].
    func weightGradient(_ gradient: Tensor, input: Tensor) -> Tensor {
        if stride == 1 {
            let padded = PaddedPictures(
                batch: batch, height: picture.height, width: picture.width, inputs: inputs, outputs: outputs)
            return padded.weightGradient(padded.uncropped(gradient), padded: padded.padded(input))
        }
        let sums = Tensor(shape: [9, inputs, outputs]) {
            forward.weightGradient(gradient.base, input: input.base, into: $0)
        }
        return sums.permuted([2, 1, 0]).reshaped([outputs, inputs, 3, 3])
    }
}
