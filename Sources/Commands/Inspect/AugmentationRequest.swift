internal import Augmentation

/// What `--stages` asks `inspect` to draw.
struct AugmentationRequest {
    var chain: AugmentationChain
    /// Names of stages that are not drawn.
    var leftOut: [String]
    /// Pictures beside the original.
    var draws: Int
    var seed: UInt64
}
