private import Layers
package import SAM
package import Tensors

/// The loss of a batch of prompts: focal and Dice loss of each prompt's best mask, and the squared error of every
/// predicted IoU.
///
/// With M > 1 masks for an ambiguous prompt only the one with the lowest mask loss is learnt from, so that the masks can
/// come to stand for different readings of the prompt. The target of a predicted IoU is the IoU of the thresholded mask,
/// without gradient.
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A; focal and Dice as in SAM 2's training code.
package struct MaskObjective: Sendable {
    package let weights: LossWeights

    package init(weights: LossWeights) { self.weights = weights }

    /// - Parameters:
    ///   - output: masks [P, M, L, L] and predicted IoUs [P, M].
    ///   - targets: [P, L, L], in 0...1.
    /// - Returns: the loss as a scalar with its gradient, and its parts; sums over the P prompts.
    package func callAsFunction(_ output: MaskDecoder.Output, targets: Tensor) -> (loss: Tensor, terms: LossTerms) {
        let losses = MaskLosses(logits: output.lowResMasks, targets: targets)
        let (prompts, masks) = (losses.focal.shape[0], losses.focal.shape[1])
        let maskLoss =
            losses.focal.scaled(by: weights.focal) + losses.dice.scaled(by: weights.dice)
            + losses.crossEntropy.scaled(by: weights.bce)
        let chosen = Self.lowest(maskLoss.values, rows: prompts, columns: masks)
        let choice = Tensor(chosen, shape: [prompts, masks])
        let errors = squaredError(output.iouPredictions, losses.intersectionOverUnion)
        let loss =
            (maskLoss * choice).sum() + errors.sum().scaled(by: weights.iou / Float(masks))

        func chosenSum(_ values: Tensor) -> Double {
            zip(values.values, chosen).reduce(0) { $0 + Double($1.0 * $1.1) }
        }
        var terms = LossTerms()
        terms.focal = chosenSum(losses.focal)
        terms.dice = chosenSum(losses.dice)
        terms.bce = chosenSum(losses.crossEntropy)
        terms.iou = errors.total / Double(masks)
        terms.maskIoU = chosenSum(losses.intersectionOverUnion)
        terms.total = Double(loss.scalar)
        return (loss, terms)
    }

    /// 1 at the lowest value of each row (the first of equals), 0 elsewhere; of values that are not numbers, too.
    private static func lowest(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        var chosen = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            var best = row * columns
            for index in best + 1..<best + columns where values[index] < values[best] { best = index }
            chosen[best] = 1
        }
        return chosen
    }
}
