import JSONText
import Layers
import SAM
import Tensors

/// Box prompts through prompt encoder and mask decoder, one mask each, on an image that is encoded already.
struct DecoderCase: BenchCase {
    static let group = "decoder"
    static let all = [1, 8].flatMap { prompts in
        [false, true].map { DecoderCase(prompts: prompts, isTraining: $0) }
    }.filter { !$0.isTraining || $0.prompts == 8 }

    /// Boxes that are asked for at once.
    let prompts: Int
    /// With focal and dice loss and backward to the decoder's weights; the embedding and the prompt encoder are fixed.
    let isTraining: Bool

    var title: String { "\(prompts)-box\(isTraining ? "-training" : "")" }
    var detail: String {
        "mask decoder, \(prompts) box prompt\(prompts == 1 ? "" : "s"), one mask each"
            + (isTraining ? ": forward, loss and backward" : "")
    }
    var peerRequest: JSONValue {
        .request(isTraining ? "decoder_training" : "decoder", ["prompts": prompts])
            .with("model", SAMConfiguration.decoderAlone.json)
    }
    var peers: [Peer] { isTraining ? [.pytorch] : [.pytorch, .onnxRuntime] }

    func prepare() -> () throws -> Void {
        let configuration = SAMConfiguration.decoderAlone
        let model = SAMModel(configuration)
        let grid = configuration.gridSize
        let features = ImageFeatures(embedding: Tensor.benchOperand([1, grid, grid, configuration.promptEmbedDim]))
        let position = model.promptEncoder.densePositionalEncoding()
        let batch = PromptBatch.benchBoxes(prompts, imageSize: configuration.imageSize)
        func masks() -> Tensor {
            model.masks(image: features, imagePosition: position, prompts: batch, multimaskOutput: false)
                .lowResMasks
        }
        guard isTraining else { return { _ = GradientRecording.off { masks() } } }
        model.promptEncoder.setTrainable(false)
        let parameters = model.maskDecoder.parameters
        let targets = Tensor.benchTargets(prompts, side: configuration.lowResSize)
        return {
            for parameter in parameters { parameter.gradient = nil }
            backward(Tensor.benchLoss(masks(), targets: targets))
        }
    }
}
