import Checkpoints
import Images
import JSONText
import Layers
import Masks
import SAM
import Tensors
import TestSupport
import Testing

/// Names, dimensions and prompts of SAM-HQ, EfficientSAM and pruned models.
@Suite struct VariantConfigurationTests {
    typealias Preset = SAMConfiguration.Preset

    /// Counts that follow from the published ones: SAM's and 25 more tensors, and EfficientSAM's of 278, measured with
    /// PyTorch; all with the 256 elements of the matrix that encodes places, which is no parameter.
    @Test(arguments: [
        (Preset.samHQViTB, 339, 94_806_832), (.samHQViTL, 507, 313_676_336), (.samHQViTH, 619, 642_686_256),
        (.efficientSAMViTT, 278, 10_223_460), (.efficientSAMViTS, 278, 26_413_284),
    ])
    func presetsHaveTheirTensors(preset: Preset, tensors: Int, elements: Int) {
        let shapes = preset.configuration.tensorShapes
        #expect(shapes.count == tensors)
        #expect(shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == elements)
        #expect(Set(shapes.map(\.name)).count == tensors)
    }

    @Test(arguments: [Preset.samHQViTB, .efficientSAMViTT, .efficientSAMViTS])
    func shapesTellTheFamily(preset: Preset) throws {
        let state = SAMConfigurationTests.state(preset.configuration)
        #expect(try SAMConfiguration.identify(from: state) == preset.configuration)
    }

    @Test(arguments: Preset.allCases)
    func jsonSurvivesTheRoundTrip(preset: Preset) throws {
        let configuration = preset.configuration
        #expect(try SAMConfiguration(json: configuration.json) == configuration)
    }

    /// SlimSAM-77: narrow everywhere, heads of 14.
    @Test func uniformlyPrunedModelsAreTold() throws {
        var configuration = SAMConfiguration()
        configuration.vit.embedDim = 168
        configuration.vit.mlpDim = 696
        #expect(configuration.vit.headDim(ofBlock: 0) == 14)
        let shapes = configuration.tensorShapes
        #expect(shapes.count == 314)
        #expect(shapes.first { $0.name == "image_encoder.blocks.2.attn.rel_pos_h" }?.shape == [127, 14])
        #expect(try SAMConfiguration.identify(from: SAMConfigurationTests.state(configuration)) == configuration)
    }

    /// Widths that differ by block are noted by block; a whole block tells the number of heads.
    @Test func modelsPrunedByLayerAreTold() throws {
        var configuration = SAMConfiguration()
        configuration.vit.embedDim = 96
        configuration.vit.numHeads = 4
        configuration.vit.mlpDim = 100
        configuration.vit.attentionDims = [0: 48, 3: 60]
        configuration.vit.mlpDims = [1: 33]
        #expect(try SAMConfiguration.identify(from: SAMConfigurationTests.state(configuration)) == configuration)
        #expect(try SAMConfiguration(json: configuration.json) == configuration)
    }

    @Test func contradictingDimensionsAreRefused() {
        var windows = Preset.samHQViTB.configuration
        windows.vit.globalAttentionIndexes = []
        var plain = Preset.efficientSAMViTT.configuration
        plain.family = .samHQ
        var heads = Preset.efficientSAMViTT.configuration
        heads.encoder = {
            var vit = PlainViTConfiguration()
            vit.numHeads = 5
            return .plainViT(vit)
        }()
        for (configuration, word) in [(windows, "sam_hq"), (plain, "sam_hq"), (heads, "num_heads")] {
            let error = #expect(throws: SAMError.self) { try configuration.validate() }
            #expect(error?.code == .configuration && error?.message.contains(word) == true)
        }
    }

    @Test(arguments: [
        #""encoder": "swin""#, #""encoder": 3"#, #""family": "sam_hq""#, #""pos_grid_size": 0"#, #""window_size": 14"#,
    ])
    func hostileMetadataIsRefused(change: String) {
        let configuration = Preset.efficientSAMViTT.configuration
        let key = change.prefix { $0 != ":" }
        var text = configuration.metadataText
        let members = text.dropFirst().dropLast().split(separator: ",").filter { !$0.hasPrefix(key) }
        text = "{" + ([change] + members.map(String.init)).joined(separator: ",") + "}"
        var state = SAMConfigurationTests.state(configuration)
        state.metadata[SAMConfiguration.metadataKey] = text
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        #expect(error?.code == .configuration)
    }

    /// A square number of positions and no other.
    @Test func positionsThatAreNoGridAreRefused() {
        let configuration = Preset.efficientSAMViTT.configuration
        let name = "image_encoder.pos_embed"
        for count in [0, 1, 195, 198] {
            var state = SAMConfigurationTests.state(configuration, without: name)
            let bytes = [UInt8](repeating: 0, count: count * 192)
            state.append(name, StateTensor(shape: [1, count, 192], scalarType: .uint8, bytes: bytes))
            let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
            #expect(error?.code == .configuration, "\(count)")
        }
    }

    /// Other widths than the published ones need the number of heads from elsewhere.
    @Test func unknownHeadsAreNotGuessed() throws {
        let configuration = Self.small(.efficientSAM)
        var state = SAMConfigurationTests.state(configuration)
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        #expect(error?.code == .configuration && error?.message.contains("width 12") == true)
        state.metadata[SAMConfiguration.metadataKey] = configuration.metadataText
        #expect(try SAMConfiguration.identify(from: state) == configuration)
    }

    @Test func aMissingTensorIsNamed() {
        for (preset, name) in [
            (Preset.samHQViTB, "mask_decoder.embedding_maskfeature.3.bias"),
            (.efficientSAMViTT, "mask_decoder.output_hypernetworks_mlps.2.layers.1.0.weight"),
        ] {
            let state = SAMConfigurationTests.state(preset.configuration, without: name)
            let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test func efficientSAMRefusesWhatItDoesNotKnow() throws {
        let model = SAMModel(Self.small(.efficientSAM), seed: 1)
        let box = Box(x: 1, y: 1, width: 5, height: 5)
        let point = Prompt.Point(x: 3, y: 4)
        try model.check(Prompt(points: [point, point, point, point], box: box))
        try model.check(Prompt(points: [Prompt.Point](repeating: point, count: 6)))
        try model.check(Prompt())
        for (prompt, word) in [
            (Prompt(points: [point, .init(x: 1, y: 1, isForeground: false)]), "background"),
            (Prompt(box: box, mask: [0]), "mask"),
            (Prompt(points: [Prompt.Point](repeating: point, count: 7)), "6 points"),
            (Prompt(points: [Prompt.Point](repeating: point, count: 5), box: box), "has 7"),
        ] {
            let error = #expect(throws: SAMError.self) { try model.check(prompt) }
            #expect(error?.code == .prompt && error?.message.contains(word) == true)
        }
    }

    @Test func otherFamiliesTakeEveryPrompt() throws {
        let point = Prompt.Point(x: 3, y: 4, isForeground: false)
        let prompt = Prompt(points: [Prompt.Point](repeating: point, count: 9), mask: [0])
        for family in [SAMConfiguration.Family.sam, .samHQ] {
            try SAMModel(Self.small(family), seed: 1).check(prompt)
        }
    }

    /// Checkpoints carry the family, and models come back from them.
    @Test(arguments: SAMConfiguration.Family.allCases)
    func checkpointsSurviveTheRoundTrip(family: SAMConfiguration.Family) throws {
        let model = SAMModel(Self.small(family), seed: 3)
        let directory = try TemporaryDirectory()
        try SAMCheckpoint.write(model, to: directory.file("model.safetensors"))
        let copy = try SAMCheckpoint.read(directory.file("model.safetensors"))
        #expect(copy.configuration == model.configuration)
        #expect(zip(copy.parameters, model.parameters).allSatisfy { $0.value.values == $1.value.values })
    }

    private static func small(_ family: SAMConfiguration.Family) -> SAMConfiguration {
        var configuration = Preset.nano.configuration
        configuration.family = family
        configuration.vit.imageSize = 64
        if family == .efficientSAM {
            var vit = PlainViTConfiguration()
            vit.imageSize = 64
            vit.embedDim = 12
            vit.mlpDim = 20
            vit.depth = 1
            configuration.encoder = .plainViT(vit)
            configuration.preprocessing = .efficientSAM
        }
        return configuration
    }
}
