private import Layers
package import Runtime
package import SAM
package import Tensors

/// The loss of a batch of prompts: a weighted sum of losses of each prompt's best mask, and the errors of every predicted IoU.
///
/// With M > 1 masks for an ambiguous prompt only the one with the lowest mask loss is learnt from, so that the masks can
/// come to stand for different readings of the prompt. Where no term is about the masks, the one with the highest IoU is told
/// of. The target of a predicted IoU is the IoU of the thresholded mask, without gradient.
///
/// Masks are compared on the grid of low-resolution masks, or at places at full resolution (``pointCount``); the boundary loss and
/// the IoU always on the grid.
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A; focal and Dice as in SAM 2's training code.
package struct MaskObjective: Sendable {
    package var weights: LossWeights
    /// Weight of the foreground in the focal loss, and its exponent.
    package var focalAlpha: Float = 0.25
    package var focalGamma: Float = 2
    /// What false positives and false negatives count in the Tversky loss.
    package var tverskyAlpha: Float = 0.3
    package var tverskyBeta: Float = 0.7
    /// Places at full resolution at which masks are compared; 0 for all cells of the low-resolution mask.
    package var pointCount = 0

    package init(weights: LossWeights) { self.weights = weights }

    package init(_ configuration: TrainingConfiguration) {
        weights = configuration.loss
        focalAlpha = Float(configuration.focalAlpha)
        focalGamma = Float(configuration.focalGamma)
        tverskyAlpha = Float(configuration.tverskyAlpha)
        tverskyBeta = Float(configuration.tverskyBeta)
        pointCount = configuration.lossPoints
    }

    /// ``callAsFunction(_:targets:random:)-(_,MaskTargets,_)`` for a loss that needs no more than the coverage.
    ///
    /// - Parameters:
    ///   - output: masks [P, M, L, L] and predicted IoUs [P, M].
    ///   - targets: [P, L, L], in 0...1.
    package func callAsFunction(_ output: MaskDecoder.Output, targets: Tensor) -> (loss: Tensor, terms: LossTerms) {
        precondition(pointCount == 0 && weights.boundary == 0, "the loss needs more than the objects' coverage")
        return loss(output, onGrid: losses(output.lowResMasks, targets: targets), places: nil)
    }

    /// - Parameters:
    ///   - output: masks [P, M, L, L] and predicted IoUs [P, M].
    ///   - targets: of P objects.
    ///   - random: one stream a prompt, for the places at which masks are compared; read only if there are such.
    /// - Returns: the loss as a scalar with its gradient, and its parts; sums over the P prompts.
    package func callAsFunction(
        _ output: MaskDecoder.Output, targets: MaskTargets, random: [CounterRandom] = []
    ) -> (loss: Tensor, terms: LossTerms) {
        let masks = output.lowResMasks
        let onGrid = losses(masks, targets: targets.coverage, boundaryWeights: targets.boundaryWeights)
        guard pointCount > 0 else { return loss(output, onGrid: onGrid, places: nil) }
        let (logits, labels) = LossPoints(count: pointCount).compared(masks, with: targets, random: random)
        return loss(output, onGrid: onGrid, places: losses(logits, targets: labels))
    }

    private func losses(_ logits: Tensor, targets: Tensor, boundaryWeights: Tensor? = nil) -> MaskLosses {
        MaskLosses(
            logits: logits, targets: targets, alpha: focalAlpha, gamma: focalGamma, tverskyAlpha: tverskyAlpha,
            tverskyBeta: tverskyBeta, boundaryWeights: boundaryWeights)
    }

    /// - Parameter places: the losses at places, each mask a prompt of its own, or nil.
    private func loss(
        _ output: MaskDecoder.Output, onGrid: MaskLosses, places: MaskLosses?
    ) -> (loss: Tensor, terms: LossTerms) {
        let (prompts, masks) = (onGrid.focal.shape[0], onGrid.focal.shape[1])
        func term(_ path: KeyPath<MaskLosses, Tensor>) -> Tensor {
            places.map { $0[keyPath: path].reshaped([prompts, masks]) } ?? onGrid[keyPath: path]
        }
        let (focal, dice, bce, tversky) = (term(\.focal), term(\.dice), term(\.crossEntropy), term(\.tversky))
        var maskLoss = focal.scaled(by: weights.focal) + dice.scaled(by: weights.dice) + bce.scaled(by: weights.bce)
        if weights.tversky > 0 { maskLoss = maskLoss + tversky.scaled(by: weights.tversky) }
        if weights.boundary > 0 { maskLoss = maskLoss + onGrid.boundary.scaled(by: weights.boundary) }
        let cost = weights.shapesMasks ? maskLoss : onGrid.intersectionOverUnion.scaled(by: -1)
        let chosen = Self.lowest(cost.values, rows: prompts, columns: masks)
        let choice = Tensor(chosen, shape: [prompts, masks])
        let errors = squaredError(output.iouPredictions, onGrid.intersectionOverUnion)
        let distances = absoluteError(output.iouPredictions, onGrid.intersectionOverUnion)
        var loss = (maskLoss * choice).sum() + errors.sum().scaled(by: weights.iou / Float(masks))
        if weights.iouL1 > 0 { loss = loss + distances.sum().scaled(by: weights.iouL1 / Float(masks)) }

        func chosenSum(_ values: Tensor) -> Double {
            zip(values.values, chosen).reduce(0) { $0 + Double($1.0 * $1.1) }
        }
        var terms = LossTerms()
        terms.focal = chosenSum(focal)
        terms.dice = chosenSum(dice)
        terms.bce = chosenSum(bce)
        terms.tversky = chosenSum(tversky)
        terms.boundary = chosenSum(onGrid.boundary)
        terms.iou = errors.total / Double(masks)
        terms.iouL1 = distances.total / Double(masks)
        terms.maskIoU = chosenSum(onGrid.intersectionOverUnion)
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
