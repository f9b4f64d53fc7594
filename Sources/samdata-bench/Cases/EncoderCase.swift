import JSONText
import Layers
import SAM
import Tensors

/// The image encoder forward, one image.
struct EncoderCase: BenchCase {
    static let group = "encoder"
    static let all = [
        EncoderCase(title: "vit_b", configuration: SAMConfiguration()),
        EncoderCase(title: "slimsam-77", configuration: SAMConfiguration.Preset.slimSAM77.configuration),
        EncoderCase(
            title: "efficientsam-ti", configuration: SAMConfiguration.Preset.efficientSAMViTT.configuration),
    ]

    /// The model's name.
    let title: String
    /// The model's dimensions.
    let configuration: SAMConfiguration

    var detail: String {
        "image encoder forward, \(configuration.modelName), \(configuration.imageSize) x \(configuration.imageSize)"
    }
    var operations: Double? { configuration.encoderOperations }
    var peerRequest: JSONValue { .request("encoder").with("model", configuration.json) }
    var peers: [Peer] { [.pytorch, .onnxRuntime] }

    func prepare() -> () throws -> Void {
        let encoder = ImageEncoder(configuration, from: WeightInitializer(seed: 0))
        let image = Tensor.benchOperand([1, configuration.imageSize, configuration.imageSize, 3])
        return { _ = GradientRecording.off { encoder(image) } }
    }
}
