internal import SAM
internal import Tensors

/// An image's features cut from the tape behind them: the decoder runs backward round by round, each time letting go of what
/// it kept, while the gradient of the features is gathered here for one run backward through the encoder.
///
/// With a frozen encoder the features are constants, and nothing is gathered for them; what the decoder makes of them whatever
/// the prompts is gathered all the same.
struct ImageLeaf {
    private let whole: ImageFeatures
    /// To be asked about.
    let features: ImageFeatures

    /// - Parameter features: with all computed that does not depend on prompts, so that rounds share it.
    init(_ features: ImageFeatures) {
        whole = features
        self.features = ImageFeatures(
            embedding: Self.leaf(features.embedding), early: features.early, detail: features.detail.map(Self.leaf),
            projections: features.projections.map { EmbeddingProjections($0.tensors.map(Self.leaf)) })
    }

    private static func leaf(_ tensor: Tensor) -> Tensor { tensor.node == nil ? tensor : tensor.asLeaf() }

    private static func tensors(_ features: ImageFeatures) -> [Tensor] {
        [features.embedding] + [features.detail].compactMap { $0 } + (features.projections?.tensors ?? [])
    }

    /// What has to flow back to the encoder, and through what does not depend on prompts.
    var gradients: [(tensor: Tensor, seed: Tensor)] {
        var gradients: [(tensor: Tensor, seed: Tensor)] = []
        for (source, leaf) in zip(Self.tensors(whole), Self.tensors(features)) where source.node != nil {
            if let gradient = leaf.gradient { gradients.append((source, gradient)) }
        }
        return gradients
    }
}
