private import Runtime

/// Weights of the terms of the training loss, written `focal=20,dice=1,iou=1`.
///
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A: focal 20, Dice 1, IoU mean squared error 1.
package struct LossWeights: Sendable, Hashable {
    package var focal: Float = 20
    package var dice: Float = 1
    /// Squared error of the predicted IoUs.
    package var iou: Float = 1
    /// Cross-entropy, which many fine-tuning recipes use beside or instead of the focal loss.
    package var bce: Float = 0
    /// Absolute error of the predicted IoUs, as SAM 2 trains with.
    package var iouL1: Float = 0
    /// Distance of wrong pixels from the label's boundary; best beside Dice.
    package var boundary: Float = 0
    /// Dice with weights of its own for false positives and negatives.
    package var tversky: Float = 0

    package init(
        focal: Float = 20, dice: Float = 1, iou: Float = 1, bce: Float = 0, iouL1: Float = 0, boundary: Float = 0,
        tversky: Float = 0
    ) {
        self.focal = focal
        self.dice = dice
        self.iou = iou
        self.bce = bce
        self.iouL1 = iouL1
        self.boundary = boundary
        self.tversky = tversky
    }

    /// The terms by name, in the order in which they are written.
    static let terms: [(name: String, path: any WritableKeyPath<LossWeights, Float> & Sendable)] = [
        ("focal", \.focal), ("dice", \.dice), ("iou", \.iou), ("bce", \.bce), ("iou-l1", \.iouL1),
        ("boundary", \.boundary), ("tversky", \.tversky),
    ]

    /// Weights that recipes are known for, by name. Each trains the head that predicts IoUs as well, without which automatic
    /// masks would be chosen by figures of the model before.
    ///
    /// Sources: Kirillov et al., 2023 (`sam`); a common tutorial (`dice-focal`); MedSAM (`dice-bce`); micro-sam, with Dice alone.
    static let presets: [(name: String, weights: LossWeights)] = [
        ("sam", LossWeights()), ("dice-focal", LossWeights(focal: 0.3, dice: 0.7)),
        ("dice-bce", LossWeights(focal: 0, dice: 1, bce: 1)), ("micro-sam", LossWeights(focal: 0, dice: 1)),
    ]

    /// Whether a term is about the masks, and not about what the model predicts of their IoU alone.
    package var shapesMasks: Bool { focal > 0 || dice > 0 || bce > 0 || boundary > 0 || tversky > 0 }

    /// The terms that are written out: the usual ones, and others where they count.
    var writtenTerms: [(name: String, weight: Float)] {
        Self.terms.enumerated().map { ($0 < 4, $1.name, self[keyPath: $1.path]) }.filter { $0.0 || $0.2 != 0 }
            .map { ($0.1, $0.2) }
    }

    /// Weights from `name=value` pairs; a term that is not named has weight 0.
    ///
    /// - Throws: `TrainingError.configuration` for an unknown term, a term named twice, a negative or non-finite
    ///   weight, or when all are 0.
    package init(pairs: [(name: String, value: String)]) throws(TrainingError) {
        var weights = LossWeights(focal: 0, dice: 0, iou: 0, bce: 0)
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let term = Self.terms.first(where: { $0.name == name }) else {
                let hint = NameSuggestion.sentence(for: name, among: Self.terms.map(\.name))
                throw TrainingError(
                    .configuration,
                    "loss has no term '\(name)'; the terms are \(Self.terms.map(\.name).joined(separator: ", ")).\(hint)"
                )
            }
            guard seen.insert(name).inserted else {
                throw TrainingError(.configuration, "loss names the term '\(name)' twice")
            }
            // Decimal numbers without a sign, as the schema has them.
            guard value.allSatisfy({ "0123456789.eE+-".contains($0) }),
                value.first?.isNumber == true || value.first == ".",
                let weight = Float(value), weight.isFinite
            else {
                throw TrainingError(
                    .configuration,
                    "loss weight \(name)=\(value) must be a number from 0 to \(Float.greatestFiniteMagnitude), such as 20 or 0.5"
                )
            }
            weights[keyPath: term.path] = weight
        }
        guard Self.terms.contains(where: { weights[keyPath: $0.path] > 0 }) else {
            throw TrainingError(
                .configuration,
                "loss needs a weight above 0 for one of \(Self.terms.map(\.name).joined(separator: ", "))")
        }
        self = weights
    }

    /// `focal=20,dice=1,iou=1,bce=0`.
    package var text: String {
        writtenTerms.map { "\($0.name)=\(ConfigurationNumber.text($0.weight))" }.joined(separator: ",")
    }
}
