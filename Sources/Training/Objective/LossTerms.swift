/// The parts of the loss, each a mean over objects and then over images.
package struct LossTerms: Sendable, Hashable {
    /// Focal loss of the chosen masks, unweighted.
    package var focal = 0.0
    /// Dice loss of the chosen masks, unweighted.
    package var dice = 0.0
    /// Cross-entropy of the chosen masks, unweighted.
    package var bce = 0.0
    /// Squared error of the predicted IoUs, unweighted.
    package var iou = 0.0
    /// The weighted sum that is minimised.
    package var total = 0.0
    /// IoU of the chosen masks with their labels, at low resolution.
    package var maskIoU = 0.0

    package init() {}

    /// Adds another's terms, times a factor.
    mutating func add(_ other: LossTerms, times factor: Double) {
        focal += factor * other.focal
        dice += factor * other.dice
        bce += factor * other.bce
        iou += factor * other.iou
        total += factor * other.total
        maskIoU += factor * other.maskIoU
    }
}
