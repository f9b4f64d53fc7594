/// The parts of the loss, each a mean over rounds, then over objects.
package struct LossTerms: Sendable, Hashable {
    /// Focal loss of the chosen masks, unweighted.
    package var focal = 0.0
    /// Dice loss of the chosen masks, unweighted.
    package var dice = 0.0
    /// Cross-entropy of the chosen masks, unweighted.
    package var bce = 0.0
    /// Tversky loss of the chosen masks, unweighted.
    package var tversky = 0.0
    /// Boundary loss of the chosen masks, unweighted; 0 where its weight is 0, as it is then not computed.
    package var boundary = 0.0
    /// Squared error of the predicted IoUs, unweighted.
    package var iou = 0.0
    /// Absolute error of the predicted IoUs, unweighted.
    package var iouL1 = 0.0
    /// The weighted sum that is minimised.
    package var total = 0.0
    /// IoU of the chosen masks with their labels, at low resolution.
    package var maskIoU = 0.0
    /// The same of the first and of the last round of prompts alone.
    package var firstMaskIoU = 0.0
    package var lastMaskIoU = 0.0

    package init() {}

    /// All parts, in the order in which they are declared.
    private static var parts: [WritableKeyPath<LossTerms, Double>] {
        [
            \.focal, \.dice, \.bce, \.tversky, \.boundary, \.iou, \.iouL1, \.total, \.maskIoU, \.firstMaskIoU,
            \.lastMaskIoU,
        ]
    }

    /// Adds another's terms, times a factor.
    mutating func add(_ other: LossTerms, times factor: Double) {
        for part in Self.parts { self[keyPath: part] += factor * other[keyPath: part] }
    }
}
