package import Masks
package import SAM

/// The two kinds of prompt that a model is validated and evaluated with; neither is random.
package enum PromptKind: String, Sendable, Hashable, CaseIterable {
    /// The label's own box, without noise.
    case box
    /// One point: the deepest one of the mask.
    case point

    /// The prompt of an object.
    ///
    /// - Parameter mask: at least one pixel of foreground.
    package func prompt(for mask: RLE) -> Prompt {
        switch self {
        case .box: Prompt(box: mask.boundingBox)
        case .point: Prompt(points: [PromptSampler.deepestPoint(in: mask)])
        }
    }
}
