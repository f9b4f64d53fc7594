import JSONText
import Layers
import SAM
import Tensors

/// MobileSAM's image encoder on one image: forward, or forward and backward to all weights.
struct TinyViTEncoderCase: BenchCase {
    static let group = "encoder"
    static let all = [false, true].map { TinyViTEncoderCase(isTraining: $0) }

    /// With running statistics as they are, and without checkpoints.
    let isTraining: Bool
    /// The encoder's dimensions.
    let configuration = TinyViTConfiguration()

    var title: String { isTraining ? "vit_t-training" : "vit_t" }
    var detail: String {
        "TinyViT image encoder forward\(isTraining ? " and backward" : ""), \(configuration.imageSize) x "
            + "\(configuration.imageSize)"
    }
    /// Backward is two products for each one forward.
    var operations: Double? { configuration.operations * (isTraining ? 3 : 1) }
    var peerRequest: JSONValue {
        .request("tiny_vit_encoder").with("model", SAMConfiguration.Preset.vitT.configuration.json).with(
            "training", .bool(isTraining))
    }

    func prepare() -> () throws -> Void {
        let encoder = TinyViTEncoder(configuration, from: WeightInitializer(seed: 0))
        let (side, grid) = (configuration.imageSize, configuration.gridSize)
        let image = Tensor.benchOperand([1, side, side, 3])
        guard isTraining else { return { _ = GradientRecording.off { encoder(image) } } }
        let seed = Tensor.benchOperand([1, grid, grid, configuration.promptEmbedDim])
        return {
            for parameter in encoder.parameters { parameter.gradient = nil }
            backward(encoder(image), seed: seed)
        }
    }
}
