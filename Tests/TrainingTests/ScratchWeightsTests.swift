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

    /// A model whose image encoder, which does not matter here and is slow to draw, is as small as can be.
    private func model(_ preset: SAMConfiguration.Preset) -> SAMModel {
        var configuration = preset.configuration
        configuration.vit.depth = 1
        configuration.vit.embedDim = 16
        configuration.vit.numHeads = 1
        configuration.vit.mlpDim = 16
        configuration.vit.globalAttentionIndexes = [0]
        return ScratchWeights.model(configuration, seed: 1)
    }

    /// Places by places, the scores of one head, or of all heads together: between the encodings of 16 x 16 places.
    private func scores(_ model: SAMModel, _ part: String, head: Int? = nil) throws -> [Float] {
        let places = model.promptEncoder.positionalEncoding.grid(16)
        let width = model.configuration.promptEmbedDim / model.configuration.attentionDownsampleRate
        let headWidth = width / model.configuration.transformerNumHeads
        let range = head.map { $0 * headWidth..<($0 + 1) * headWidth } ?? 0..<width
        func projected(_ name: String) throws -> Tensor {
            let path = "mask_decoder.transformer.\(part).\(name)_proj.weight"
            let weight = try #require(model.parameters.first { $0.name == path }).value
            return places.linear(weight: weight, bias: nil).sliced(axis: 1, range: range)
        }
        return try projected("q").matmul(try projected("k"), transposeB: true).values
    }

    /// Of all places of the image, attention scores the token's own one highest.
    @Test(arguments: [SAMConfiguration.Preset.nano, .vitB])
    func attentionFindsThePlace(preset: SAMConfiguration.Preset) throws {
        let model = model(preset)
        let attentions = [
            "layers.0.cross_attn_token_to_image", "layers.1.cross_attn_image_to_token", "final_attn_token_to_image",
        ]
        for attention in attentions {
            let scores = try scores(model, attention)
            let found = (0..<256).count { place in
                let row = scores[place * 256..<(place + 1) * 256]
                return row.firstIndex(of: row.max() ?? 0) == place * 256 + place
            }
            #expect(found > 230, "\(attention): \(found) of 256 places")
        }
    }

    /// In the first layer, each of four heads looks to one side, up to half an image far: left, right, up, down.
    @Test(arguments: [SAMConfiguration.Preset.nano, .vitB])
    func theImageLooksToAllSides(preset: SAMConfiguration.Preset) throws {
        let model = model(preset)
        for head in 0..<4 {
            let scores = try scores(model, "layers.0.cross_attn_image_to_token", head: head)
            let sign: Float = head % 2 == 0 ? 1 : -1
            var (right, all) = (0, 0)
            for image in 0..<256 {
                for token in 0..<256 {
                    let distance = head < 2 ? image % 16 - token % 16 : image / 16 - token / 16
                    if distance == 0 || abs(distance) > 7 { continue }
                    all += 1
                    if (sign * scores[image * 256 + token] > 0) == (distance > 0) { right += 1 }
                }
            }
            #expect(Double(right) > 0.93 * Double(all), "head \(head): \(right) of \(all)")
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
            image: embedding, imagePosition: model.promptEncoder.densePositionalEncoding(), prompts: prompts,
            multimaskOutput: true
        ).lowResMasks.values
        let mean = logits.reduce(0, +) / Float(logits.count)
        #expect(mean < -2.5 && mean > -5.5, "\(mean)")
    }
}
