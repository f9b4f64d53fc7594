import Foundation
import KernelABI
import Kernels
import Layers
import Runtime
import Tensors
import TestSupport
import Testing

@Suite struct MaskLossesTests {
    /// Values and gradient against PyTorch in float64, with logits up to ±100 among them.
    @Test(arguments: Kernels.available.map(\.level))
    func agreesWithPyTorch(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let fixture = try NumberFixture("Layers/losses.txt")
        let logits = fixture.tensor("logits", [2, 3, 5, 7]).asLeaf()
        let targets = fixture.tensor("targets", [2, 5, 7])
        let weights = fixture["weights"].map { Float($0) }
        Kernels.with(table) {
            let losses = MaskLosses(logits: logits, targets: targets)
            #expect(relativeError(losses.focal.values, fixture["focal"]) < 1e-6)
            #expect(relativeError(losses.dice.values, fixture["dice"]) < 1e-6)
            #expect(relativeError(losses.crossEntropy.values, fixture["crossEntropy"]) < 1e-6)
            #expect(relativeError(losses.intersectionOverUnion.values, fixture["iou"]) < 1e-6)
            #expect(losses.intersectionOverUnion.node == nil)

            func weighted(_ loss: Tensor, _ index: Int) -> Tensor {
                (loss * Tensor(Array(weights[index * 6..<index * 6 + 6]), shape: [2, 3])).sum()
            }
            backward(weighted(losses.focal, 0) + weighted(losses.dice, 1) + weighted(losses.crossEntropy, 2))
            #expect(relativeError(logits.gradient?.values ?? [], fixture["gradient"]) < 1e-5)
        }
    }

    /// The focal loss with exponent 0 and alpha one half is half the cross-entropy; other exponents follow their formula.
    @Test(arguments: [0, 1, 2, 5])
    func focalExponent(gamma: Int) {
        for (x, t) in [(-3.0, 1.0), (2, 0), (0.5, 1), (-1, 0)] {
            let p = 1 / (1 + Foundation.exp(-x))
            let pt = p * t + (1 - p) * (1 - t)
            var expected = -Foundation.log(pt) * (0.3 * t + 0.7 * (1 - t))
            for _ in 0..<gamma { expected *= 1 - pt }
            let losses = MaskLosses(
                logits: Tensor([Float(x)], shape: [1, 1, 1]), targets: Tensor([Float(t)], shape: [1, 1]), alpha: 0.3,
                gamma: gamma)
            #expect(abs(Double(losses.focal.scalar) - expected) < 1e-6)
        }
    }

    /// An empty prediction of an empty mask is perfect.
    @Test func emptyMasks() {
        let losses = MaskLosses(
            logits: Tensor(repeating: -30, shape: [1, 1, 4, 4]), targets: Tensor(zeros: [1, 4, 4]))
        #expect(losses.intersectionOverUnion.scalar == 1)
        #expect(losses.dice.scalar < 1e-6)
        #expect(losses.focal.scalar < 1e-6)
    }

    /// A logit that is not a number is seen, not swallowed.
    @Test func notANumberStays() {
        let logits = Tensor([0, .nan, 1, 2], shape: [1, 1, 4]).asLeaf()
        let losses = MaskLosses(logits: logits, targets: Tensor(zeros: [1, 4]))
        #expect(losses.focal.scalar.isNaN && losses.dice.scalar.isNaN && losses.crossEntropy.scalar.isNaN)
    }

    @Test func bytesDoNotDependOnThreads() {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("loss test"))
        let logits = Tensor((0..<4 * 3 * 999).map { _ in Float(random.normal() * 3) }, shape: [4, 3, 999])
        let targets = Tensor((0..<4 * 999).map { _ in random.uniform() > 0.5 ? 1 : 0 }, shape: [4, 999])
        let results = atEveryWorkerCount {
            let leaf = logits.asLeaf()
            let losses = MaskLosses(logits: leaf, targets: targets)
            backward(losses.focal.sum() + losses.dice.mean())
            return [losses.focal.values, losses.dice.values, leaf.gradient?.values ?? []]
        }
        #expect(results.allSatisfy { $0 == results[0] && !$0[2].isEmpty })
    }
}
