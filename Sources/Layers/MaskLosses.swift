private import KernelABI
package import Tensors

/// The losses of predicted masks against their labels, one value a mask, all from one pass over the pixels.
///
/// With logits x, p = sigmoid(x), targets t:
/// - focal: mean over pixels of `αₜ (1 - pₜ)^γ ce`, with `pₜ = p t + (1 - p)(1 - t)`, `αₜ = α t + (1 - α)(1 - t)`.
///   Source: Lin et al., "Focal loss for dense object detection", ICCV 2017.
/// - dice: `1 - (2 Σ p t + s) / (Σ p + Σ t + s)`.
/// - crossEntropy: mean over pixels of `max(x, 0) - x t + log(1 + exp(-|x|))`.
/// - tversky: `1 - (Σ p t + s) / (Σ p t + a Σ p (1 - t) + b Σ (1 - p) t + s)`: a is what false positives count, b what false
///   negatives do; with both one half it is nearly Dice. Source: Salehi et al., "Tversky loss function for image segmentation",
///   2017.
/// - boundary: `1/2 + Σ w p`, with weights w that grow with the distance from the label's boundary, see
///   ``init(logits:targets:alpha:gamma:smoothing:tverskyAlpha:tverskyBeta:boundaryWeights:)``. Source: Kervadec et al.,
///   "Boundary loss for highly unbalanced segmentation", 2019.
///
/// The first three are the forms of SAM 2's training code; every one is stable for any finite logit.
package struct MaskLosses {
    /// [P, M]
    package let focal: Tensor
    /// [P, M]
    package let dice: Tensor
    /// [P, M]
    package let crossEntropy: Tensor
    /// [P, M]
    package let tversky: Tensor
    /// [P, M]; zeros where no weights are given.
    package let boundary: Tensor
    /// [P, M]: intersection over union of the thresholded prediction (x > 0) and label (t > 0.5), without gradient; 1 where both are
    /// empty.
    package let intersectionOverUnion: Tensor

    /// - Parameters:
    ///   - logits: [P, M, ...], M masks for each of P prompts.
    ///   - targets: [P, ...] with the same pixels, in 0...1.
    ///   - alpha: weight of the foreground in the focal loss.
    ///   - gamma: exponent of the focal loss, from 0 to 16; it may have a fraction.
    ///   - smoothing: s of the Dice and Tversky losses.
    ///   - tverskyAlpha: a of the Tversky loss, at least 0.
    ///   - tverskyBeta: b of the Tversky loss, at least 0.
    ///   - boundaryWeights: the shape of `targets`, or nil: the signed distance of each pixel from the label's boundary,
    ///     negative inside, the sum of all outside being 1/2 and inside -1/2. The boundary loss is then 0 for a perfect mask
    ///     and 1 for its opposite, whatever the object's size.
    package init(
        logits: Tensor, targets: Tensor, alpha: Float = 0.25, gamma: Float = 2, smoothing: Float = 1,
        tverskyAlpha: Float = 0.3, tverskyBeta: Float = 0.7, boundaryWeights: Tensor? = nil
    ) {
        let pixels = logits.shape.dropFirst(2).reduce(1, *)
        precondition(
            logits.rank >= 2 && targets.rank >= 1 && logits.shape[0] == targets.shape[0]
                && targets.count == targets.shape[0] * pixels && pixels > 0 && (0...16).contains(gamma),
            "mask losses of logits \(logits.shape) against targets \(targets.shape) with gamma \(gamma)")
        precondition(
            boundaryWeights.map { $0.count == targets.count } ?? true,
            "boundary weights of shape \(boundaryWeights?.shape ?? []) for targets \(targets.shape)")
        let call = MaskLossCall(
            logits: logits.detached, targets: targets.detached, boundaryWeights: boundaryWeights?.detached,
            prompts: logits.shape[0], masks: logits.shape[1], pixels: pixels, alpha: alpha, gamma: FocalExponent(gamma),
            smoothing: Double(smoothing), tverskyAlpha: Double(tverskyAlpha), tverskyBeta: Double(tverskyBeta))
        let sums = call.sums()
        let losses = logits.operation(call.losses(sums)) { gradient in call.gradient(gradient, sums) }
        func part(_ term: MaskLossCall.Term) -> Tensor {
            losses.sliced(axis: 0, range: term.rawValue..<term.rawValue + 1).reshaped([call.prompts, call.masks])
        }
        focal = part(.focal)
        dice = part(.dice)
        crossEntropy = part(.crossEntropy)
        tversky = part(.tversky)
        boundary = part(.boundary)
        intersectionOverUnion = Tensor(
            sums.map { $0.union == 0 ? 1 : Float($0.intersection / $0.union) }, shape: [call.prompts, call.masks])
    }
}
