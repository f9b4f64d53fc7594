import Checkpoints
import JSONText
import SAM
import Testing

@Suite struct SAMConfigurationTests {
    /// A checkpoint with the tensors of a configuration, of zero size in memory: shapes alone count here.
    static func state(_ configuration: SAMConfiguration, without missing: String? = nil) -> StateDict {
        var state = StateDict()
        for tensor in configuration.tensorShapes where tensor.name != missing {
            let bytes = [UInt8](repeating: 0, count: tensor.shape.reduce(1, *))
            state.append(tensor.name, StateTensor(shape: tensor.shape, scalarType: .uint8, bytes: bytes))
        }
        return state
    }

    /// Counts of the official checkpoints, measured on the reference implementation.
    @Test(arguments: [
        (SAMConfiguration.Preset.vitB, 314, 93_735_728), (.vitL, 482, 312_343_088), (.vitH, 594, 641_090_864),
    ])
    func officialModelsHaveTheirTensors(preset: SAMConfiguration.Preset, tensors: Int, elements: Int) {
        let shapes = preset.configuration.tensorShapes
        #expect(shapes.count == tensors)
        #expect(shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == elements)
        #expect(Set(shapes.map(\.name)).count == tensors)
    }

    @Test func presetsKnowTheirNames() throws {
        for preset in SAMConfiguration.Preset.allCases {
            let configuration = preset.configuration
            #expect(configuration.preset == preset)
            try configuration.validate()
        }
        var other = SAMConfiguration()
        other.vit.depth = 11
        #expect(other.preset == nil)
    }

    @Test(arguments: [SAMConfiguration.Preset.nano, .vitB])
    func jsonSurvivesTheRoundTrip(preset: SAMConfiguration.Preset) throws {
        var configuration = preset.configuration
        configuration.vit.relativePositionRows = [1: .init(height: 9, width: 11), 0: .init(height: 3, width: 4)]
        configuration.preprocessing.mean = [0, 0.1, 255]
        #expect(try SAMConfiguration(json: configuration.json) == configuration)
    }

    /// Shapes alone tell the official dimensions, at the official image size and at others.
    @Test(
        arguments: [
            ("vit_b at a quarter of its width", 14, [2, 5], 64, [:]),
            ("another image size, tables kept", 14, [2, 5], 32, [2: 127, 5: 127]),
            ("a window as large as the image", 8, [0, 1, 2, 3, 4, 5], 8, [:]),
            ("windows only", 4, [], 8, [:]),
        ] as [(String, Int, [Int], Int, [Int: Int])])
    func shapesTellTheConfiguration(
        title: String, window: Int, globalIndexes: [Int], grid: Int, rows: [Int: Int]
    ) throws {
        var configuration = SAMConfiguration()
        configuration.vit.embedDim = 24
        configuration.vit.numHeads = 2
        configuration.vit.mlpDim = 50
        configuration.vit.depth = 6
        configuration.vit.patchSize = 4
        configuration.vit.imageSize = 4 * grid
        configuration.vit.windowSize = globalIndexes.count == 6 ? 0 : window
        configuration.vit.globalAttentionIndexes = globalIndexes
        configuration.vit.relativePositionRows = rows.mapValues { .init(height: $0, width: $0) }
        configuration.promptEmbedDim = 32
        configuration.attentionDownsampleRate = 1
        configuration.iouHeadDepth = 4
        configuration.numMultimaskOutputs = 2
        #expect(try SAMConfiguration.identify(from: Self.state(configuration)) == configuration, "\(title)")
    }

    @Test func metadataSpeaksWhereShapesCannot() throws {
        var configuration = SAMConfiguration.Preset.nano.configuration
        configuration.vit.depth = 4
        configuration.vit.globalAttentionIndexes = [1, 3]
        configuration.preprocessing.mean = [1, 2, 3]
        configuration.transformerNumHeads = 2
        var state = Self.state(configuration)
        state.metadata[SAMConfiguration.metadataKey] = configuration.metadataText
        #expect(try SAMConfiguration.identify(from: state) == configuration)

        configuration.vit.depth = 3
        configuration.vit.globalAttentionIndexes = [1]
        state.metadata[SAMConfiguration.metadataKey] = configuration.metadataText
        #expect(try SAMConfiguration.identify(from: state) == configuration)

        configuration.vit.mlpDim = 100
        state.metadata[SAMConfiguration.metadataKey] = configuration.metadataText
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        #expect(error?.code == .configuration && error?.message.contains("mlp.lin1") == true)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"image_size": 1e99}"#, #"{"image_size": -1}"#, #"{"strange": 1}"#, "\u{0}",
        #"{"global_attn_indexes": 3}"#, #"{"pixel_std": [1, 0, 1]}"#,
        #"{"image_size": 8193}"#, #"{"encoder": "mamba"}"#, #"{"encoder": 3}"#,
        #"{"encoder": "tiny_vit", "image_size": 65536}"#, #"{"encoder": "tiny_vit", "embed_dims": []}"#,
        #"{"encoder": "tiny_vit", "merge_strides": [0, 0, 0]}"#, #"{"encoder": "plain_vit", "patch_size": 0}"#,
        #"{"family": "sam_3"}"#, #"{"mask_scaling": "nearest"}"#, #"{"attn_dims": [[0]]}"#,
    ])
    func hostileMetadataIsRefused(text: String) {
        var state = Self.state(SAMConfiguration.Preset.nano.configuration)
        state.metadata[SAMConfiguration.metadataKey] = text
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        #expect(error?.code == .configuration)
    }

    @Test func contradictingDimensionsAreRefused() {
        let changes: [(String, (inout SAMConfiguration) -> Void)] = [
            ("image_size", { $0.vit.imageSize = 250 }), ("embed_dim", { $0.vit.numHeads = 7 }),
            ("mask_in_chans", { $0.maskInChannels = 6 }), ("prompt_embed_dim", { $0.promptEmbedDim = 20 }),
            ("transformer_num_heads", { $0.transformerNumHeads = 64 }), ("window_size", { $0.vit.windowSize = 0 }),
            ("windows of 100", { $0.vit.windowSize = 100 }), ("a grid of 1024", { $0.vit.imageSize = 8192 }),
            (
                "depths",
                {
                    var vit = TinyViTConfiguration()
                    vit.depths[1] = 65_536
                    $0.encoder = .tinyViT(vit)
                }
            ),
            (
                "windows of 300",
                {
                    var vit = TinyViTConfiguration()
                    vit.windowSizes[2] = 300
                    $0.encoder = .tinyViT(vit)
                }
            ),
            ("block 9", { $0.vit.globalAttentionIndexes = [9] }),
        ]
        for (name, change) in changes {
            var configuration = SAMConfiguration.Preset.nano.configuration
            change(&configuration)
            let error = #expect(throws: SAMError.self) { try configuration.validate() }
            #expect(error?.message.contains(name) == true, "\(name): \(String(describing: error))")
        }
    }

    @Test func otherFamiliesAreNamed() {
        for (tensor, name) in [
            ("image_encoder.trunk.pos_embed", "SAM 2"), ("image_encoder.stages.0.weight", "EdgeSAM"),
            ("image_encoder.backbone.stem.weight", "EfficientViT"), ("weight", "patch_embed"),
        ] {
            var state = StateDict()
            state.append(tensor, StateTensor(shape: [1], values: [0]))
            let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
            #expect(error?.code == .family && error?.message.contains(name) == true)
        }
    }

    /// All that is wrong at once: what is missing, what is there besides, what has another shape.
    @Test func everyTensorThatDoesNotFitIsNamed() {
        let nano = SAMConfiguration.Preset.nano.configuration
        var state = StateDict()
        state.metadata[SAMConfiguration.metadataKey] = nano.metadataText
        for entry in Self.state(nano).entries {
            switch entry.name {
            case "image_encoder.blocks.2.norm1.bias", "mask_decoder.iou_token.weight": continue
            case "prompt_encoder.no_mask_embed.weight":
                state.append(entry.name, StateTensor(shape: [1, 5], scalarType: .uint8, bytes: [1, 2, 3, 4, 5]))
            default: state.append(entry.name, entry.tensor)
            }
        }
        for index in 0..<100 { state.append("adapter.\(index)", StateTensor(shape: [1], values: [0])) }
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        for words in [
            "nano", "2 missing: image_encoder.blocks.2.norm1.bias, mask_decoder.iou_token.weight",
            "100 unexpected: adapter.0, adapter.1,", "and 40 more",
            "1 of another shape: prompt_encoder.no_mask_embed.weight [1, 5] instead of [1, 64]",
        ] {
            #expect(error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
        }
    }

    @Test func aMissingTensorIsNamed() {
        let name = "mask_decoder.transformer.layers.1.cross_attn_image_to_token.v_proj.bias"
        let state = Self.state(SAMConfiguration.Preset.nano.configuration, without: name)
        let error = #expect(throws: SAMError.self) { try SAMConfiguration.identify(from: state) }
        #expect(error?.message.contains(name) == true)
    }
}
