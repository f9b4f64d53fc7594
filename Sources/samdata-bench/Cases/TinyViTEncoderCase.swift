import JSONText
import Layers
import SAM
import Tensors

/// MobileSAM's image encoder forward, one image.
struct TinyViTEncoderCase: BenchCase {
    static let group = "encoder"
    static let all = [TinyViTEncoderCase(title: "vit_t", configuration: TinyViTConfiguration())]

    /// The model's name.
    let title: String
    /// The encoder's dimensions.
    let configuration: TinyViTConfiguration

    var detail: String {
        "TinyViT image encoder forward, \(configuration.imageSize) x \(configuration.imageSize)"
    }
    var operations: Double? { configuration.operations }
    var peerRequest: JSONValue { .request("tiny_vit_encoder").with("model", configuration.benchJSON) }

    func prepare() -> () throws -> Void {
        let encoder = TinyViTEncoder(configuration, from: WeightInitializer(seed: 0))
        let image = Tensor.benchOperand([1, configuration.imageSize, configuration.imageSize, 3])
        return { _ = GradientRecording.off { encoder(image) } }
    }
}
