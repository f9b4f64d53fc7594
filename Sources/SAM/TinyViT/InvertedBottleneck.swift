private import KernelABI
internal import Layers
internal import Tensors

/// A 1 x 1 convolution to a hidden width, a 3 x 3 convolution of each channel, and a 1 x 1 convolution, each normalised,
/// with GELU between them: the MBConv of the first stage and the merges between stages.
///
/// Where nothing is recorded it runs strip by strip, without the hidden picture in memory; the bits are the same.
struct InvertedBottleneck: EncoderBlock {
    private let expand: ConvolutionBN
    private let spread: ConvolutionBN
    private let project: ConvolutionBN
    private let stride: Int
    /// Whether the input is added to the result, and GELU comes last.
    private let isResidual: Bool

    /// A block of the first stage: the hidden width is a multiple of the input's, which is added to the result.
    init(block name: String, _ parts: TinyViTParts) {
        let dim = parts.configuration.embedDims[0]
        let hidden = parts.configuration.hiddenDim(ofStage: 0)
        expand = parts.convolution("\(name).conv1", .pointwise, dim, hidden)
        spread = parts.convolution("\(name).conv2", .depthwise(stride: 1), hidden, hidden)
        project = parts.convolution("\(name).conv3", .pointwise, hidden, dim, initialWeight: 0)
        stride = 1
        isResidual = true
    }

    /// The merge behind a stage: the hidden width is the next stage's.
    init(merge name: String, _ parts: TinyViTParts, stage: Int) {
        let dims = parts.configuration.embedDims
        stride = parts.configuration.mergeStrides[stage]
        expand = parts.convolution("\(name).conv1", .pointwise, dims[stage], dims[stage + 1])
        spread = parts.convolution("\(name).conv2", .depthwise(stride: stride), dims[stage + 1], dims[stage + 1])
        project = parts.convolution("\(name).conv3", .pointwise, dims[stage + 1], dims[stage + 1])
        isResidual = false
    }

    /// - Parameter x: [B, H, W, in].
    /// - Returns: [B, H / stride, W / stride, out], rounded up.
    func callAsFunction(_ x: Tensor) -> Tensor {
        let isRecording = GradientRecording.isOn && (x.node != nil || parameters.contains(where: \.isLearning))
        if !isRecording && !expand.norm.batchStatistics.isOn {
            let parts = [expand, spread, project].map { layer in
                let folded = layer.folded()
                return WeightAndBias(weight: folded.weight, bias: folded.bias)
            }
            if let result = x.separableConvolution(
                expand: parts[0], spread: parts[1], project: parts[2], stride: stride, isResidual: isResidual)
            {
                return result
            }
        }
        let result = project(spread(expand(x, activation: .gelu), activation: .gelu))
        return isResidual ? (result + x).gelu() : result
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        expand.forEachParameter(body)
        spread.forEachParameter(body)
        project.forEachParameter(body)
    }
}
