import Layers
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Keys of a run change its weights, or must not.
@Suite struct KeysWithEffectTests {
    private static let common = ["optimizer": "adamw", "epochs": "2", "sample-images": "0", "track": "none"]

    private func weights(_ settings: [String: String], as name: String, in directory: TemporaryDirectory) throws
        -> [String: [Float]]
    {
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.val = nil
        for (key, text) in Self.common.merging(settings, uniquingKeysWith: { $1 }) {
            try configuration.set(key, written: text)
        }
        return try TrainingRun(configuration, as: name, in: directory).weights()
    }

    /// Each differs from the same run without the key.
    @Test func whatOptimisesChangesTheWeights() throws {
        let directory = try TemporaryDirectory()
        let before = try weights([:], as: "plain", in: directory)
        for (number, (key, text)) in [
            ("beta1", "0.5"), ("beta2", "0.9"), ("weight-decay", "0"), ("gradient-clip", "0.01"), ("warmup-steps", "3"),
            ("learning-rate", "1e-3"), ("batch-size", "2"), ("accumulate", "1"), ("objects-per-image", "1"),
            ("shuffle", "none"), ("augment", "none"), ("seed", "8"),
            ("layer-decay", "0.5"), ("loss", "dice=1"), ("freeze", "prompt_encoder"), ("lora-rank", "2"),
            ("ema", "0.5"), ("loss-points", "64"), ("schedule", "constant"), ("final-learning-rate", "1"),
        ].enumerated() {
            let after = try weights([key: text], as: "changed \(number)", in: directory)
            #expect(after != before, "\(key): \(text)")
        }
    }

    /// Activations of more than a few thousand elements are kept in half the memory, so that gradients are other ones.
    @Test func precisionsDiffer() throws {
        let directory = try TemporaryDirectory()
        try SAMCheckpoint.write(AdapterFixture.model("tiny"), to: directory.file("tiny.safetensors"))
        let settings = ["weights": directory.file("tiny.safetensors"), "batch-size": "5", "accumulate": "1"]
        let found = try ["f32", "bf16", "f16"].map { precision in
            try weights(settings.merging(["precision": precision]) { $1 }, as: precision, in: directory)
        }
        #expect(Set(found).count == 3)
    }

    /// What saves memory or time, or records, changes nothing.
    @Test func whatOnlySavesLeavesTheWeights() throws {
        let directory = try TemporaryDirectory()
        let before = try weights([:], as: "plain", in: directory)
        for (number, (key, text)) in [
            ("checkpoint-activations", "true"), ("checkpoint-every", "0"), ("max-memory", "8GB"), ("cache", "off"),
            ("track", "tensorboard"), ("max-minutes", "1000"), ("skip-corrupt", "skip"), ("batch-norm", "batch"),
        ].enumerated() {
            #expect(try weights([key: text], as: "changed \(number)", in: directory) == before, "\(key): \(text)")
        }
    }

    /// A longer step of decay makes what decays smaller, and nothing else: biases, norms and tables keep their size.
    @Test func decayLeavesOutBiasesNormsAndTables() throws {
        let directory = try TemporaryDirectory()
        // One step, in which the rate of Adam's own move is the same for both.
        let settings = ["epochs": "1", "accumulate": "5", "warmup-steps": "0", "schedule": "constant"]
        let strong = try weights(
            settings.merging(["weight-decay": "10"]) { $1 }, as: "strong", in: directory)
        let none = try weights(settings.merging(["weight-decay": "0"]) { $1 }, as: "none", in: directory)
        for (name, values) in none {
            let isMatrix = name.hasSuffix(".weight") && !name.contains("norm") && !name.contains("_token.")
            if name.hasSuffix(".bias") || name.contains("norm") || name.contains("rel_pos")
                || name.contains("pos_embed")
            {
                #expect(strong[name] == values, "\(name)")
            } else if isMatrix && name.contains("mlp.lin") {
                #expect(strong[name] != values, "\(name)")
            }
        }
    }

    /// TinyViT's positions are tables of another name.
    @Test func positionsOfTinyViTDoNotDecay() {
        let table = Parameter(
            name: "image_encoder.layers.1.blocks.0.attn.attention_biases",
            value: Tensor([Float](repeating: 1, count: 196), shape: [4, 49]))
        var configuration = TrainingConfiguration()
        configuration.weightDecay = 0.5
        let groups = Optimizer([table], configuration: configuration).groups
        #expect(groups.count == 1 && groups[0].weightDecay == 0)
    }
}
