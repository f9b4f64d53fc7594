internal import Augmentation

/// What `--stages` asks `inspect` to draw when it is steps of augmentation.
struct AugmentationRequest {
    var chain: AugmentationChain
    /// Pictures beside the original.
    var draws: Int
    var seed: UInt64
}
