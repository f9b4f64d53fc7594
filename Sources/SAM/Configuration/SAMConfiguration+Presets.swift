extension SAMConfiguration {
    /// The models that are known by name.
    package enum Preset: String, Sendable, Hashable, CaseIterable {
        /// ViT-SAM in small: trains from random weights within minutes on two cores.
        ///
        /// Patches of 8 on 256 pixels give low-resolution masks of 128, so that an object of ten pixels still has five
        /// mask pixels across.
        case nano
        /// MobileSAM.
        case vitT = "vit_t"
        case vitB = "vit_b"
        case vitL = "vit_l"
        case vitH = "vit_h"
        /// `vit_b` pruned to half and to a fifth of its width: SlimSAM.
        case slimSAM50 = "slimsam_50"
        case slimSAM77 = "slimsam_77"
        case samHQViTT = "sam_hq_vit_t"
        case samHQViTB = "sam_hq_vit_b"
        case samHQViTL = "sam_hq_vit_l"
        case samHQViTH = "sam_hq_vit_h"
        case efficientSAMViTT = "efficient_sam_vitt"
        case efficientSAMViTS = "efficient_sam_vits"

        package var configuration: SAMConfiguration {
            var configuration = SAMConfiguration()
            switch self {
            case .nano:
                var vit = ViTConfiguration(dim: 64, depth: 3, heads: 4, globalAttentionIndexes: [2])
                vit.imageSize = 256
                vit.patchSize = 8
                vit.windowSize = 8
                configuration.vit = vit
                configuration.promptEmbedDim = 64
                configuration.transformerNumHeads = 4
                configuration.transformerMLPDim = 256
                configuration.iouHeadHiddenDim = 64
            case .vitT: configuration.encoder = .tinyViT(TinyViTConfiguration())
            case .vitB: break
            case .vitL:
                configuration.vit = ViTConfiguration(
                    dim: 1024, depth: 24, heads: 16, globalAttentionIndexes: [5, 11, 17, 23])
            case .vitH:
                configuration.vit = ViTConfiguration(
                    dim: 1280, depth: 32, heads: 16, globalAttentionIndexes: [7, 15, 23, 31])
            case .slimSAM50: configuration.vit = ViTConfiguration(prunedTo: 384, mlpDim: 1536)
            case .slimSAM77: configuration.vit = ViTConfiguration(prunedTo: 168, mlpDim: 696)
            case .samHQViTT: return Self.vitT.highQuality
            case .samHQViTB: return Self.vitB.highQuality
            case .samHQViTL: return Self.vitL.highQuality
            case .samHQViTH: return Self.vitH.highQuality
            case .efficientSAMViTT: return .efficientSAM(PlainViTConfiguration(dim: 192, heads: 3))
            case .efficientSAMViTS: return .efficientSAM(PlainViTConfiguration(dim: 384, heads: 6))
            }
            return configuration
        }

        /// The same model with the head of SAM-HQ.
        private var highQuality: SAMConfiguration {
            var configuration = configuration
            configuration.family = .samHQ
            return configuration
        }
    }

    /// EfficientSAM with an image encoder of its own.
    private static func efficientSAM(_ encoder: PlainViTConfiguration) -> SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.family = .efficientSAM
        configuration.encoder = .plainViT(encoder)
        configuration.preprocessing = .efficientSAM
        return configuration
    }

    /// The preset with exactly these dimensions, if there is one, however images are prepared.
    package var preset: Preset? {
        Preset.allCases.first { preset in
            var other = preset.configuration
            other.preprocessing = preprocessing
            return other == self
        }
    }

    /// What to call the model: a preset's name, or its family and size.
    package var modelName: String {
        if let preset { return preset.rawValue }
        let kind =
            switch family {
            case .sam: "SAM"
            case .samHQ: "SAM-HQ"
            case .efficientSAM: "EfficientSAM"
            }
        return "\(kind) with a \(encoder.title)"
    }
}
