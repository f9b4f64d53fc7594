import Foundation
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

@Suite struct MaskObjectiveTests {
    private let weights = LossWeights(focal: 20, dice: 1, iou: 0.5)

    private func random(_ shape: [Int], _ sample: UInt64, _ range: Range<Double>) -> Tensor {
        var stream = CounterRandom(seed: 3, sample: sample, purpose: RandomPurpose("objective test"))
        return Tensor(shape: shape) { elements in
            for index in 0..<shape.reduce(1, *) { elements[index] = Float(stream.uniform(range)) }
        }
    }

    /// The formulas in their plainest form.
    private func reference(_ logits: [Float], _ target: [Float]) -> (focal: Double, dice: Double, iou: Double) {
        var (focal, product, probability, total, shared, union) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for (x, t) in zip(logits.map(Double.init), target.map(Double.init)) {
            let p = 1 / (1 + exp(-x))
            let entropy = -(t * log(p) + (1 - t) * log(1 - p))
            let right = p * t + (1 - p) * (1 - t)
            focal += (0.25 * t + 0.75 * (1 - t)) * (1 - right) * (1 - right) * entropy
            product += p * t
            probability += p
            total += t
            shared += x > 0 && t > 0.5 ? 1 : 0
            union += x > 0 || t > 0.5 ? 1 : 0
        }
        return (focal / Double(logits.count), 1 - (2 * product + 1) / (probability + total + 1), shared / union)
    }

    @Test func theBestMaskOfEachPromptAndEveryIoUCount() {
        let (prompts, masks, side) = (3, 3, 5)
        let logits = random([prompts, masks, side, side], 1, -4..<4)
        let ious = random([prompts, masks], 2, -0.2..<1.2)
        let targets = random([prompts, side, side], 3, 0..<1)
        var expected = 0.0
        var chosenIoU = 0.0
        for prompt in 0..<prompts {
            let target = Array(targets.values[prompt * side * side..<(prompt + 1) * side * side])
            let parts = (0..<masks).map { mask in
                let start = (prompt * masks + mask) * side * side
                return reference(Array(logits.values[start..<start + side * side]), target)
            }
            let losses = parts.map { 20 * $0.focal + $0.dice }
            let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
            expected += losses[best]
            chosenIoU += parts[best].iou
            for mask in 0..<masks {
                let error = Double(ious.values[prompt * masks + mask]) - parts[mask].iou
                expected += 0.5 * error * error / Double(masks)
            }
        }
        let (loss, terms) = MaskObjective(weights: weights)(
            MaskDecoder.Output(lowResMasks: logits, iouPredictions: ious), targets: targets)
        #expect(abs(Double(loss.scalar) - expected) < 1e-4 * expected)
        #expect(abs(terms.total - expected) < 1e-4 * expected)
        #expect(abs(terms.maskIoU - chosenIoU) < 1e-5)
        #expect(abs(20 * terms.focal + terms.dice + 0.5 * terms.iou - terms.total) < 1e-4 * expected)
    }

    /// Only the best mask is pulled; every predicted IoU is.
    @Test func gradientsReachTheChosenMaskAlone() throws {
        let logits = random([2, 3, 4, 4], 4, -2..<2).asLeaf()
        let ious = random([2, 3], 5, 0..<1).asLeaf()
        let targets = random([2, 4, 4], 6, 0..<1)
        let result = MaskObjective(weights: weights)(
            MaskDecoder.Output(lowResMasks: logits, iouPredictions: ious), targets: targets)
        backward(result.loss)
        let gradient = try #require(logits.gradient).values
        let touched = (0..<6).filter { mask in gradient[mask * 16..<(mask + 1) * 16].contains { $0 != 0 } }
        #expect(touched.count == 2 && touched[0] < 3 && touched[1] >= 3)
        #expect(try #require(ious.gradient).values.allSatisfy { $0 != 0 })
    }

    /// A loss of the predicted IoUs alone leaves the masks alone, and tells of the best of them.
    @Test func aLossOfPredictedIoUsAlonePullsNoMask() throws {
        let logits = random([2, 3, 4, 4], 4, -2..<2).asLeaf()
        let ious = random([2, 3], 5, 0..<1).asLeaf()
        let targets = random([2, 4, 4], 6, 0..<1)
        let objective = MaskObjective(weights: LossWeights(focal: 0, dice: 0, iou: 0.5, iouL1: 2))
        let result = objective(MaskDecoder.Output(lowResMasks: logits, iouPredictions: ious), targets: targets)
        var (expected, best) = (0.0, 0.0)
        for prompt in 0..<2 {
            let target = Array(targets.values[prompt * 16..<(prompt + 1) * 16])
            let real = (0..<3).map { mask in
                let start = (prompt * 3 + mask) * 16
                return reference(Array(logits.values[start..<start + 16]), target).iou
            }
            best += real.max() ?? 0
            for mask in 0..<3 {
                let error = Double(ious.values[prompt * 3 + mask]) - real[mask]
                expected += (0.5 * error * error + 2 * abs(error)) / 3
            }
        }
        #expect(abs(result.terms.total - expected) < 1e-5 && abs(result.terms.maskIoU - best) < 1e-5)
        backward(result.loss)
        #expect(try #require(ious.gradient).values.allSatisfy { $0 != 0 })
        #expect(logits.gradient?.values.allSatisfy { $0 == 0 } ?? true)
    }

    /// With one mask the whole loss is smooth; its slope is that of small differences.
    @Test func gradientIsThatOfFiniteDifferences() throws {
        let logits = random([2, 1, 3, 3], 7, -2..<2)
        let ious = random([2, 1], 8, 0..<1)
        let targets = random([2, 3, 3], 9, 0..<1)
        func loss(_ values: [Float]) -> Double {
            MaskObjective(weights: weights)(
                MaskDecoder.Output(lowResMasks: Tensor(values, shape: logits.shape), iouPredictions: ious),
                targets: targets
            ).terms.total
        }
        let leaf = logits.asLeaf()
        backward(
            MaskObjective(weights: weights)(
                MaskDecoder.Output(lowResMasks: leaf, iouPredictions: ious), targets: targets
            ).loss)
        let gradient = try #require(leaf.gradient).values
        for index in gradient.indices {
            var (up, down) = (logits.values, logits.values)
            let step: Float = 5e-3
            up[index] += step
            down[index] -= step
            let slope = (loss(up) - loss(down)) / Double(2 * step)
            #expect(abs(slope - Double(gradient[index])) < 2e-3 + 1e-2 * abs(slope), "element \(index)")
        }
    }
}
