import Checkpoints
import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// A small TinyViT encoder that PyTorch computed, written by `Tests/Fixtures/SAM/make_tinyvit_fixtures.py`.
struct TinyViTReference: Sendable, CustomTestStringConvertible {
    static let committed = ["tinyvit-cut", "tinyvit-wide"].map {
        TinyViTReference(folder: Repository.fixture("SAM/" + $0))
    }

    let folder: String
    var testDescription: String { FileSystem.lastComponent(folder) }

    func configuration() throws -> TinyViTConfiguration {
        let path = folder + "/configuration.json"
        let json = try FileSystem.read(path).withUnsafeBytes { try JSONDocument.parse($0, path: path) }
        func numbers(_ key: String) throws -> [Int] { try #require(json[key]?.array, "\(key)").compactMap(\.int) }
        var configuration = TinyViTConfiguration()
        configuration.imageSize = try #require(json["image_size"]?.int)
        configuration.embedDims = try numbers("embed_dims")
        configuration.depths = try numbers("depths")
        configuration.numHeads = try numbers("num_heads")
        configuration.windowSizes = try numbers("window_sizes")
        configuration.mergeStrides = try numbers("merge_strides")
        configuration.mlpRatio = try #require(json["mlp_ratio"]?.double)
        configuration.mbconvExpandRatio = try #require(json["mbconv_expand_ratio"]?.double)
        configuration.promptEmbedDim = try #require(json["prompt_embed_dim"]?.int)
        configuration.numClasses = try #require(json["num_classes"]?.int)
        try configuration.validate()
        return configuration
    }

    func file(_ name: String) throws -> StateDict { try SafeTensors.read(folder + "/" + name + ".safetensors") }

    /// Whether a parameter is the last bias before a merge between stages.
    func isFollowedByMerge(_ name: String) throws -> Bool {
        let depths = try configuration().depths
        return (1..<depths.count - 1).contains { stage in
            name == "image_encoder.layers.\(stage).blocks.\(depths[stage] - 1).mlp.fc2.bias"
        }
    }

    func encoder() throws -> TinyViTEncoder {
        let encoder = TinyViTEncoder(try configuration(), from: WeightInitializer(seed: 3))
        try file("weights").load(into: encoder.parameters)
        return encoder
    }
}
