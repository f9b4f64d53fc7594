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

    /// The focal loss of one pixel with a weight of the foreground of 0.3, and its derivative, by the formula.
    private func focal(_ x: Double, _ t: Double, _ gamma: Double) -> (value: Double, slope: Double) {
        // The logit of a wrong answer, and its probability.
        let sign = t == 1 ? -1.0 : 1.0
        let wrong = sign * x
        let miss = 1 / (1 + Foundation.exp(-wrong))
        let hit = 1 / (1 + Foundation.exp(wrong))
        let entropy = max(wrong, 0) + Foundation.log1p(Foundation.exp(-abs(wrong)))
        let weight = 0.3 * t + 0.7 * (1 - t)
        let power = Foundation.pow(miss, gamma)
        return (weight * power * entropy, weight * sign * power * (miss + gamma * hit * entropy))
    }

    /// Values and slopes follow the formula for exponents with and without a fraction, also where the answer is all but sure.
    @Test(arguments: Kernels.available.map(\.level), [0, 0.1, 0.5, 1, 1.5, 2, 2.75, 5, 16] as [Float])
    func focalExponent(level: CPULevel, gamma: Float) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        var places: [(x: Double, t: Double)] = [(60, 0), (-60, 1)]
        for x in stride(from: -30.0, through: 30, by: 0.37) { places += [(x, 0), (x, 1)] }
        try Kernels.with(table) {
            // Each pixel is a mask of its own, and once more all are one, so that whole registers are met as well.
            let count = places.count
            let leaf = Tensor(places.map { Float($0.x) }, shape: [count, 1, 1]).asLeaf()
            let targets = Tensor(places.map { Float($0.t) }, shape: [count, 1])
            let losses = MaskLosses(logits: leaf, targets: targets, alpha: 0.3, gamma: gamma)
            let whole = leaf.detached.reshaped([1, 1, count]).asLeaf()
            let sum = MaskLosses(
                logits: whole, targets: targets.reshaped([1, count]), alpha: 0.3, gamma: gamma
            ).focal.scaled(by: Float(count))
            backward(losses.focal.sum())
            backward(sum.sum())
            let slopes = [try #require(leaf.gradient).values, try #require(whole.gradient).values]
            var total = 0.0
            for (index, (x, t)) in places.enumerated() {
                let expected = focal(x, t, Double(gamma))
                total += expected.value
                let error = abs(Double(losses.focal.values[index]) - expected.value)
                #expect(error < 2e-5 * expected.value + 1e-30, "\(x) of \(t)")
                for found in slopes {
                    let error = abs(Double(found[index]) - expected.slope)
                    #expect(error < 2e-5 * abs(expected.slope) + 1e-12, "slope at \(x) of \(t)")
                }
            }
            #expect(abs(Double(sum.scalar) - total) < 1e-5 * total)
        }
    }

    /// Labels between 0 and 1, and logits far beyond the range of probabilities, with an exponent that has a fraction.
    @Test func fractionsOfLabelsAndExponents() throws {
        let (x, t, gamma): ([Float], [Float], Float) = ([-2, -0.5, 0, 0.3, 1.7, 3], [0.2, 0.9, 0.5, 0.1, 0.7, 1], 0.7)
        func exact(_ x: [Float]) -> Double {
            zip(x, t).reduce(0) { sum, pair in
                let (x, t) = (Double(pair.0), Double(pair.1))
                let p = 1 / (1 + Foundation.exp(-x))
                let entropy = -(t * Foundation.log(p) + (1 - t) * Foundation.log(1 - p))
                let miss = p * (1 - t) + (1 - p) * t
                return sum + (0.25 * t + 0.75 * (1 - t)) * entropy * Foundation.pow(miss, Double(gamma))
            }
        }
        let leaf = Tensor(x, shape: [1, 1, 6]).asLeaf()
        let focal = MaskLosses(logits: leaf, targets: Tensor(t, shape: [1, 6]), gamma: gamma).focal.scaled(by: 6)
        #expect(abs(Double(focal.sum().scalar) - exact(x)) < 1e-5)
        backward(focal.sum())
        let gradient = try #require(leaf.gradient).values
        for index in x.indices {
            var (up, down) = (x, x)
            up[index] += 1e-3
            down[index] -= 1e-3
            let slope = (exact(up) - exact(down)) / Double(up[index] - down[index])
            #expect(abs(slope - Double(gradient[index])) < 1e-4)
        }
        let far = Tensor([-1e30, -200, 200, 1e30], shape: [1, 1, 4]).asLeaf()
        backward(MaskLosses(logits: far, targets: Tensor([0, 1, 0, 1], shape: [1, 4]), gamma: 0.3).focal.sum())
        let slopes = try #require(far.gradient).values
        #expect(slopes[0] == 0 && slopes[3] == 0 && slopes[1] < 0 && slopes[2] > 0 && slopes.allSatisfy(\.isFinite))
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
        #expect(MaskLosses(logits: logits, targets: Tensor(zeros: [1, 4]), gamma: 1.5).focal.scalar.isNaN)
        #expect(losses.focal.scalar.isNaN && losses.dice.scalar.isNaN && losses.crossEntropy.scalar.isNaN)
    }

    @Test func bytesDoNotDependOnThreads() {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("loss test"))
        let logits = Tensor((0..<4 * 3 * 999).map { _ in Float(random.normal() * 3) }, shape: [4, 3, 999])
        let targets = Tensor((0..<4 * 999).map { _ in random.uniform() > 0.5 ? 1 : 0 }, shape: [4, 999])
        let results = atEveryWorkerCount {
            let leaf = logits.asLeaf()
            let losses = MaskLosses(logits: leaf, targets: targets)
            let between = MaskLosses(logits: leaf, targets: targets, gamma: 1.5)
            backward(losses.focal.sum() + losses.dice.mean() + between.focal.sum())
            return [losses.focal.values, losses.dice.values, leaf.gradient?.values ?? [], between.focal.values]
        }
        #expect(results.allSatisfy { $0 == results[0] && !$0[2].isEmpty })
    }
}
