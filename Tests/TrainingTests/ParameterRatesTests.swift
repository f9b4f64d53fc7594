import Layers
import SAM
import Tensors
import Testing
import Training

@Suite struct ParameterRatesTests {
    private func parameters(_ names: [String]) -> [Parameter] {
        names.map { Parameter(name: $0, value: Tensor([1, 2, 3, 4], shape: [2, 2])) }
    }

    /// The factor of each parameter by name.
    private func factors(_ optimizer: Optimizer) -> [String: Double] {
        var factors: [String: Double] = [:]
        for group in optimizer.groups {
            for parameter in group.parameters { factors[parameter.name] = group.learningRateScale }
        }
        return factors
    }

    @Test func theFirstPatternCounts() {
        var configuration = TrainingConfiguration()
        configuration.learningRates = [
            NamedNumber(name: "*.norm?.*", number: 2), NamedNumber(name: "image_encoder", number: 0.1),
        ]
        let names = ["image_encoder.blocks.0.norm1.weight", "image_encoder.pos_embed", "mask_decoder.iou_token.weight"]
        let optimizer = Optimizer(parameters(names), configuration: configuration)
        let factors = factors(optimizer)
        #expect(names.map { factors[$0] } == [2, 0.1, 1])
        #expect(Set(optimizer.namedScales.map(\.name)) == ["*.norm?.*", "image_encoder", "all"])
    }

    /// As ViTDet: 0.5 for the last of three blocks, 0.0625 for what comes before the first.
    @Test func layersDecayFromTheNeckDown() {
        var configuration = TrainingConfiguration()
        configuration.layerDecay = 0.5
        let expected: KeyValuePairs = [
            "image_encoder.pos_embed": 0.0625, "image_encoder.patch_embed.proj.weight": 0.0625,
            "image_encoder.blocks.0.attn.qkv.weight": 0.125, "image_encoder.blocks.1.norm1.bias": 0.25,
            "image_encoder.blocks.2.mlp.lin1.weight": 0.5, "image_encoder.neck.0.weight": 1,
            "prompt_encoder.no_mask_embed.weight": 1, "mask_decoder.transformer.layers.0.mlp.lin1.weight": 1,
        ]
        let all = parameters(expected.map(\.key))
        #expect(
            factors(Optimizer(all, configuration: configuration))
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.key, $0.value) }))
        // What is trained alone has the factor that it has among all.
        let some = Optimizer(
            [all[0], all[4]], rates: ParameterRates(configuration, model: all.map(\.name)), configuration: configuration
        )
        #expect(factors(some) == [all[0].name: 0.0625, all[4].name: 0.5])
        configuration.learningRates = [NamedNumber(name: "*.pos_embed", number: 10)]
        #expect(factors(Optimizer(all, configuration: configuration))[all[0].name] == 0.625)
    }

    /// Stages count on, and what joins two of them is as deep as the block before.
    @Test func stagesOfTinyViTCountOn() {
        var configuration = TrainingConfiguration()
        configuration.layerDecay = 0.5
        let model = SAMModel(SAMConfiguration.Preset.vitT.configuration, from: .zero).parameters
        let factors = factors(Optimizer(model, configuration: configuration))
        func factor(_ prefix: String) -> Double? {
            factors.first { $0.key.hasPrefix("image_encoder." + prefix) }?.value
        }
        #expect(factor("neck.0.weight") == 1)
        let deepest = factor("patch_embed.") ?? 0
        let ladder = ["layers.0.blocks.0.", "layers.0.blocks.1.", "layers.1.blocks.0.", "layers.3.blocks.1."].map(
            factor)
        #expect(ladder[0] == 2 * deepest && ladder[1] == 4 * deepest && ladder[2] == 8 * deepest && ladder[3] == 0.5)
        #expect(factor("layers.0.downsample.") == ladder[1])
    }

    /// Without any of it there are the two groups that there always were, of one rate.
    @Test func oneRateIsTheRule() {
        let optimizer = Optimizer(
            parameters(["mask_decoder.a.weight", "mask_decoder.iou_token.weight"]),
            configuration: TrainingConfiguration())
        #expect(optimizer.groups.map(\.weightDecay) == [0.1, 0] && optimizer.namedScales.count == 1)
    }
}
