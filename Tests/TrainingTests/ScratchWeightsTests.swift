import Layers
import SAM
import Tensors
import Testing
import Training

@Suite struct ScratchWeightsTests {
    /// The image encoder stays the reference's, but for the size of its output.
    @Test func onlyPromptsAndMasksAreTouched() throws {
        let plain = SAMModel(TrainingFixture.configuration, seed: 5)
        let prepared = ScratchWeights.model(TrainingFixture.configuration, seed: 5)
        #expect(plain.parameters.map(\.name) == prepared.parameters.map(\.name))
        let changed = zip(plain.parameters, prepared.parameters)
            .filter { $0.value.values != $1.value.values }.map(\.0.name)
        #expect(changed.filter { $0.hasPrefix("image_encoder.") } == ["image_encoder.neck.3.weight"])
        #expect(changed.contains("mask_decoder.transformer.layers.1.cross_attn_image_to_token.k_proj.weight"))
        #expect(!changed.contains { $0.contains("norm") || $0.contains(".iou_prediction_head.") })
        let again = ScratchWeights.model(TrainingFixture.configuration, seed: 5)
        #expect(zip(prepared.parameters, again.parameters).allSatisfy { $0.value.values == $1.value.values })
    }

    /// Of all cells of the image, attention scores the one highest that a token's place lies in.
    @Test(arguments: [SAMConfiguration.Preset.nano, .vitB])
    func attentionFindsThePlace(preset: SAMConfiguration.Preset) throws {
        // The image encoder does not matter here, and is slow to draw.
        var configuration = preset.configuration
        configuration.depth = 1
        configuration.embedDim = 16
        configuration.numHeads = 1
        configuration.mlpDim = 16
        configuration.globalAttentionIndexes = [0]
        let model = ScratchWeights.model(configuration, seed: 1)
        let places = model.promptEncoder.positionalEncoding.grid(16)
        for part in [
            "layers.0.cross_attn_image_to_token", "layers.1.cross_attn_token_to_image", "final_attn_token_to_image",
        ] {
            func projected(_ name: String) throws -> Tensor {
                let path = "mask_decoder.transformer.\(part).\(name)_proj.weight"
                return places.linear(
                    weight: try #require(model.parameters.first { $0.name == path }).value, bias: nil)
            }
            let scores = try projected("q").matmul(try projected("k"), transposeB: true).values
            let found = (0..<256).count { cell in
                let row = scores[cell * 256..<(cell + 1) * 256]
                return row.firstIndex(of: row.max() ?? 0) == cell * 256 + cell
            }
            #expect(found > 230, "\(part): \(found) of 256 places")
        }
    }

    /// Masks begin empty, wherever the prompt is.
    @Test func masksBeginEmpty() throws {
        let configuration = TrainingFixture.configuration
        let model = ScratchWeights.model(configuration, seed: 2)
        let embedding = GradientRecording.off {
            model.imageEncoder(Tensor(repeating: 0.5, shape: [1, configuration.imageSize, configuration.imageSize, 3]))
        }
        let prompts = PromptBatch(points: [
            [.init(x: 4, y: 20, label: .foreground)], [.init(x: 28, y: 9, label: .foreground)],
        ])
        let logits = model.masks(
            imageEmbedding: embedding, imagePosition: model.promptEncoder.densePositionalEncoding(), prompts: prompts,
            multimaskOutput: true
        ).lowResMasks.values
        let mean = logits.reduce(0, +) / Float(logits.count)
        #expect(mean < -2.5 && mean > -5.5, "\(mean)")
    }
}
