import Checkpoints
import Foundation
import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// A small model that the reference implementation computed: its weights, inputs, outputs and gradients.
///
/// Written by `Tests/Fixtures/SAM/make_fixtures.py`.
struct ReferenceModel: Sendable, CustomTestStringConvertible {
    /// One set of prompts and what the reference made of it.
    struct Case: Sendable {
        let name: String
        /// Which image of the batch it is about.
        let image: Int
    }

    static let committed = ["windowed", "interpolated", "global", "padded"].map {
        ReferenceModel(folder: Repository.fixture("SAM/" + $0))
    }

    /// SAM-HQ, EfficientSAM and a pruned ViT, written by `Tests/Fixtures/SAM/make_variant_fixtures.py`.
    static let variants = ["hq", "efficient", "efficient-native", "pruned", "hq-tiny"].map {
        ReferenceModel(folder: Repository.fixture("SAM/" + $0))
    }

    let folder: String
    var testDescription: String { FileSystem.lastComponent(folder) }

    func json() throws -> JSONValue {
        try FileSystem.read(folder + "/configuration.json").withUnsafeBytes { try JSONDocument.parse($0, path: folder) }
    }

    func configuration() throws -> SAMConfiguration {
        let json = try json()
        // The script of the variants writes what samdata reads.
        if let model = json["model"] { return try SAMConfiguration(json: model) }
        func number(_ key: String) throws -> Int { try #require(json[key]?.int, "\(key)") }
        var configuration = SAMConfiguration()
        configuration.vit.imageSize = try number("image_size")
        configuration.vit.patchSize = try number("patch_size")
        configuration.vit.embedDim = try number("embed_dim")
        configuration.vit.depth = try number("depth")
        configuration.vit.numHeads = try number("num_heads")
        configuration.vit.mlpDim = try number("mlp_dim")
        configuration.vit.windowSize = try number("window_size")
        configuration.vit.globalAttentionIndexes = try #require(json["global_indexes"]?.array).compactMap(\.int)
        configuration.promptEmbedDim = try number("out_chans")
        configuration.maskInChannels = try number("mask_in_chans")
        configuration.transformerDepth = try number("transformer_depth")
        configuration.transformerNumHeads = try number("transformer_heads")
        configuration.transformerMLPDim = try number("transformer_mlp")
        configuration.attentionDownsampleRate = try number("downsample_rate")
        configuration.iouHeadDepth = try number("iou_head_depth")
        configuration.iouHeadHiddenDim = try number("iou_head_hidden")
        for (block, row) in try #require(json["rel_pos_rows"]?.array).enumerated() {
            let rows = ViTConfiguration.RelativePositionRows(
                height: try #require(row[0]?.int), width: try #require(row[1]?.int))
            if rows != configuration.vit.relativePositionRows(ofBlock: block) {
                configuration.vit.relativePositionRows[block] = rows
            }
        }
        try configuration.validate()
        return configuration
    }

    func cases() throws -> [Case] {
        try #require(json()["cases"]?.array).map { entry in
            Case(name: try #require(entry["name"]?.string), image: try #require(entry["image"]?.int))
        }
    }

    func file(_ name: String) throws -> StateDict { try SafeTensors.read(folder + "/" + name + ".safetensors") }

    func model() throws -> SAMModel {
        let model = SAMModel(try configuration(), seed: 3)
        try file("weights").load(into: model.parameters)
        return model
    }

    /// The prompts of a case.
    func prompts(_ name: String, in state: StateDict) throws -> PromptBatch {
        var points: [[PromptBatch.Point]] = []
        if let stored = state[name + ".points"] {
            let labels = try #require(state[name + ".labels"]).floats()
            let values = stored.floats()
            let count = stored.shape[1]
            points = try (0..<stored.shape[0]).map { prompt in
                try (0..<count).map { index in
                    let place = prompt * count + index
                    return PromptBatch.Point(
                        x: values[2 * place], y: values[2 * place + 1],
                        label: try #require(PromptBatch.Label(rawValue: Int(labels[place]))))
                }
            }
        }
        var boxes: [PromptBatch.Corners] = []
        if let stored = state[name + ".boxes"] {
            let values = stored.floats()
            boxes = (0..<stored.shape[0]).map {
                PromptBatch.Corners(
                    x0: values[4 * $0], y0: values[4 * $0 + 1], x1: values[4 * $0 + 2], y1: values[4 * $0 + 3])
            }
        }
        let masks = state[name + ".masks"].map { stored in
            stored.tensor().reshaped([stored.shape[0], stored.shape[2], stored.shape[3]])
        }
        return PromptBatch(points: points, boxes: boxes, masks: masks)
    }

    /// The scalar that the script differentiated: mean(masks * a) + mean(ious * b), a = sin(0.1 (i + 1)),
    /// b = cos(0.3 (i + 1)), i the flat index.
    static func loss(masks: Tensor, ious: Tensor) -> Tensor {
        let a = (1...masks.count).map { Float(sin(0.1 * Double($0))) }
        let b = (1...ious.count).map { Float(cos(0.3 * Double($0))) }
        return (masks * Tensor(a, shape: masks.shape)).mean() + (ious * Tensor(b, shape: ious.shape)).mean()
    }
}

/// Largest deviation, relative to the largest value expected.
func relativeError(_ found: Tensor, _ expected: StateTensor) -> Float {
    relativeError(found.values, expected.floats())
}

/// Largest deviation, relative to the largest value expected.
func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    // `max` would pass over a NaN.
    let deviation = zip(found, expected).reduce(Float(0)) { sum, pair in
        let difference = abs(pair.0 - pair.1)
        return difference > sum || difference.isNaN ? difference : sum
    }
    return scale > 0 ? deviation / scale : deviation
}
