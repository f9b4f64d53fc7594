extension SAMConfiguration {
    /// The models that are known by name.
    package enum Preset: String, Sendable, Hashable, CaseIterable {
        /// ViT-SAM in small: trains from random weights within minutes on two cores.
        ///
        /// Patches of 8 on 256 pixels give low-resolution masks of 128, so that an object of ten pixels still has five
        /// mask pixels across.
        case nano
        case vitB = "vit_b"
        case vitL = "vit_l"
        case vitH = "vit_h"

        package var configuration: SAMConfiguration {
            var configuration = SAMConfiguration()
            switch self {
            case .nano:
                configuration.imageSize = 256
                configuration.patchSize = 8
                configuration.setEncoder(dim: 64, depth: 3, heads: 4, globalAttentionIndexes: [2])
                configuration.windowSize = 8
                configuration.promptEmbedDim = 64
                configuration.transformerNumHeads = 4
                configuration.transformerMLPDim = 256
                configuration.iouHeadHiddenDim = 64
            case .vitB: configuration.setEncoder(dim: 768, depth: 12, heads: 12, globalAttentionIndexes: [2, 5, 8, 11])
            case .vitL:
                configuration.setEncoder(dim: 1024, depth: 24, heads: 16, globalAttentionIndexes: [5, 11, 17, 23])
            case .vitH:
                configuration.setEncoder(dim: 1280, depth: 32, heads: 16, globalAttentionIndexes: [7, 15, 23, 31])
            }
            return configuration
        }
    }

    /// The preset with exactly these dimensions, if there is one.
    package var preset: Preset? { Preset.allCases.first { $0.configuration == self } }

    /// What to call the model: a preset's name, or its family and size.
    package var modelName: String {
        preset?.rawValue ?? "ViT-SAM (embed_dim \(embedDim), depth \(depth), image_size \(imageSize))"
    }

    private mutating func setEncoder(dim: Int, depth: Int, heads: Int, globalAttentionIndexes: [Int]) {
        embedDim = dim
        self.depth = depth
        numHeads = heads
        mlpDim = 4 * dim
        self.globalAttentionIndexes = globalAttentionIndexes
    }
}
