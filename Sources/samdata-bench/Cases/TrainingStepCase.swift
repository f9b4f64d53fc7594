import JSONText
import Layers
import SAM
import Tensors

/// A training step of the whole model on one image: forward, focal and dice loss, backward, AdamW over all weights.
struct TrainingStepCase: BenchCase {
    static let group = "training"
    static let all = [
        TrainingStepCase(title: "vit_b", configuration: SAMConfiguration(), isCheckpointing: false),
        TrainingStepCase(title: "vit_b-checkpointed", configuration: SAMConfiguration(), isCheckpointing: true),
    ]

    /// The model's name.
    let title: String
    /// The model's dimensions.
    let configuration: SAMConfiguration
    /// Whether we compute the encoder's blocks again on the way back; the peer does not.
    let isCheckpointing: Bool
    private var prompts: Int { 1 }

    var detail: String {
        "training step, one image of \(configuration.imageSize) x \(configuration.imageSize), one box prompt, AdamW"
            + (isCheckpointing ? ", ours with checkpointing" : "")
    }
    /// Backward through a product is two products.
    var operations: Double? { 3 * configuration.encoderOperations }
    var peerRequest: JSONValue { .request("training", ["prompts": prompts]).with("model", configuration.json) }

    func prepare() -> () throws -> Void {
        let model = SAMModel(configuration)
        let image = Tensor.benchOperand([1, configuration.imageSize, configuration.imageSize, 3])
        let position = model.promptEncoder.densePositionalEncoding()
        let batch = PromptBatch.benchBoxes(prompts, imageSize: configuration.imageSize)
        let targets = Tensor.benchTargets(prompts, side: configuration.lowResSize)
        let parameters = model.parameters.filter(\.isTrainable)
        var optimizer = Optimizer(groups: [.init(parameters, weightDecay: 0.1)])
        return {
            for parameter in parameters { parameter.gradient = nil }
            let masks = model.masks(
                image: model.imageEncoder(image, isCheckpointing: isCheckpointing), imagePosition: position,
                prompts: batch,
                multimaskOutput: false
            ).lowResMasks
            backward(Tensor.benchLoss(masks, targets: targets))
            optimizer.step(learningRate: 1e-5)
        }
    }
}
