import JSONText
import Layers
import SAM
import Tensors
import Testing

/// Names of models, and the tensors that they stand for.
@Suite struct ModelNameTests {
    @Test func profilesAndSpellingsAreKnown() {
        for (name, preset) in [
            ("fast", .vitT), ("light", .slimSAM50), ("balanced", .vitB), ("Accurate", .vitH), ("vit-b", .vitB),
            ("VIT_L", .vitL), ("nano", .nano), ("sam_hq_vit_t", .samHQViTT), ("efficient-sam-vits", .efficientSAMViTS),
        ] as [(String, SAMConfiguration.Preset)] {
            #expect(ModelName.preset(name) == preset, "\(name)")
        }
        for name in ["", "ViT-L/8", "vit", "quick"] { #expect(ModelName.preset(name) == nil) }
        for name in ModelName.all {
            #expect(ModelName.preset(name) != nil)
            #expect(ModelName.sentence.contains(name))
        }
    }

    /// Counts of the published checkpoints, the matrix of positions and running statistics included.
    @Test(arguments: [
        (SAMConfiguration.Preset.vitT, 439, 10_140_231), (.slimSAM50, 314, 27_960_000), (.slimSAM77, 314, 9_720_000),
        (.samHQViTT, 464, 10_140_231 + 448_512),
    ])
    func namedModelsHaveTheirTensors(preset: SAMConfiguration.Preset, tensors: Int, elements: Int) {
        let shapes = preset.configuration.tensorShapes
        #expect(shapes.count == tensors)
        let found = shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
        // SlimSAM's counts are published in millions.
        let tolerance = elements % 10_000 == 0 ? 10_000 : 0
        #expect(abs(found - elements) <= tolerance, "\(found)")
    }

    /// Every model of a name is told by the shapes of its tensors alone, by its JSON, and has just these parameters.
    @Test(arguments: SAMConfiguration.Preset.allCases.filter { $0 != .nano })
    func namedModelsAreRecognised(preset: SAMConfiguration.Preset) throws {
        let configuration = preset.configuration
        #expect(try SAMConfiguration.identify(from: SAMConfigurationTests.state(configuration)) == configuration)
        #expect(try SAMConfiguration(json: configuration.json) == configuration)
        #expect(configuration.modelName == preset.rawValue)
        guard [.vitT, .samHQViTT, .efficientSAMViTT, .slimSAM77].contains(preset) else { return }
        let parameters = SAMModel(configuration, from: .zero).parameters
        let shapes = Dictionary(uniqueKeysWithValues: configuration.tensorShapes.map { ($0.name, $0.shape) })
        #expect(parameters.count == shapes.count)
        for parameter in parameters { #expect(shapes[parameter.name] == parameter.shape, "\(parameter.name)") }
    }
}
