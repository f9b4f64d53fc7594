/// Weights of the terms of the training loss, written `focal=20,dice=1,iou=1`.
///
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A: focal 20, Dice 1, IoU mean squared error 1.
package struct LossWeights: Sendable, Hashable {
    package var focal: Float = 20
    package var dice: Float = 1
    package var iou: Float = 1
    /// Cross-entropy, which many fine-tuning recipes use beside or instead of the focal loss.
    package var bce: Float = 0

    package init(focal: Float = 20, dice: Float = 1, iou: Float = 1, bce: Float = 0) {
        self.focal = focal
        self.dice = dice
        self.iou = iou
        self.bce = bce
    }

    /// The terms by name, in the order in which they are written.
    static let terms: [(name: String, path: any WritableKeyPath<LossWeights, Float> & Sendable)] = [
        ("focal", \.focal), ("dice", \.dice), ("iou", \.iou), ("bce", \.bce),
    ]

    /// Weights from `name=value` pairs; a term that is not named has weight 0.
    ///
    /// - Throws: `TrainingError.configuration` for an unknown term, a term named twice, a negative or non-finite
    ///   weight, or when all mask terms are 0 (nothing would shape the masks).
    package init(pairs: [(name: String, value: String)]) throws(TrainingError) {
        var weights = LossWeights(focal: 0, dice: 0, iou: 0, bce: 0)
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let term = Self.terms.first(where: { $0.name == name }) else {
                let hint = NameSuggestion.sentence(for: name, among: Self.terms.map(\.name))
                throw TrainingError(
                    .configuration, "loss has no term '\(name)'; the terms are focal, dice, iou and bce.\(hint)")
            }
            guard seen.insert(name).inserted else {
                throw TrainingError(.configuration, "loss names the term '\(name)' twice")
            }
            guard let weight = Float(value), weight.isFinite, weight >= 0 else {
                throw TrainingError(.configuration, "loss weight \(name)=\(value) must be a number of at least 0")
            }
            weights[keyPath: term.path] = weight
        }
        guard weights.focal > 0 || weights.dice > 0 || weights.bce > 0 else {
            throw TrainingError(
                .configuration, "loss needs a weight above 0 for focal, dice or bce, or no mask is learnt")
        }
        self = weights
    }

    /// `focal=20,dice=1,iou=1`.
    package var text: String {
        Self.terms.map { "\($0.name)=\(ConfigurationNumber.text(Double(self[keyPath: $0.path])))" }
            .joined(separator: ",")
    }
}
