import Foundation
import KernelABI
import Kernels
import Layers
import Runtime
import Tensors
import TestSupport
import Testing

/// The Tversky and boundary losses of masks, and the errors of predicted IoUs.
@Suite struct RegionLossesTests {
    private func losses(_ logits: Tensor, _ fixture: NumberFixture) -> MaskLosses {
        MaskLosses(
            logits: logits, targets: fixture.tensor("targets", [2, 9, 7]), tverskyAlpha: 0.2, tverskyBeta: 0.9,
            boundaryWeights: fixture.tensor("distances", [2, 9, 7]))
    }

    /// Values and gradient against PyTorch in float64; the script holds PyTorch's formula against MONAI's.
    @Test(arguments: Kernels.available.map(\.level))
    func agreesWithPyTorchAndMONAI(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let fixture = try NumberFixture("Layers/region-losses.txt")
        let logits = fixture.tensor("logits", [2, 3, 9, 7]).asLeaf()
        let weights = fixture["weights"].map { Float($0) }
        Kernels.with(table) {
            let losses = losses(logits, fixture)
            #expect(relativeError(losses.tversky.values, fixture["tversky"]) < 1e-6)
            #expect(relativeError(losses.boundary.values, fixture["boundary"]) < 1e-6)
            #expect(relativeError(losses.dice.values, fixture["monaiDice"]) < 1e-6)
            #expect(relativeError(losses.focal.values, fixture["monaiFocal"]) < 1e-6)

            func weighted(_ loss: Tensor, _ index: Int) -> Tensor {
                (loss * Tensor(Array(weights[index * 6..<index * 6 + 6]), shape: [2, 3])).sum()
            }
            backward(weighted(losses.tversky, 0) + weighted(losses.boundary, 1))
            #expect(relativeError(logits.gradient?.values ?? [], fixture["gradient"]) < 1e-5)
        }
    }

    /// The sum of all losses, each with its own weight, has the slope of small differences.
    @Test func gradientIsThatOfFiniteDifferences() throws {
        let fixture = try NumberFixture("Layers/region-losses.txt")
        var values = fixture["logits"].map { Float($0) }
        // Where the sigmoid is flat in single precision there is nothing to measure.
        for index in values.indices where abs(values[index]) > 8 { values[index] = 2 }
        func loss(_ logits: Tensor) -> (tensor: Tensor, exact: Double) {
            let losses = losses(logits, fixture)
            let parts: [(Tensor, Float)] = [
                (losses.focal, 3), (losses.dice, 1), (losses.crossEntropy, 2), (losses.tversky, 1.5),
                (losses.boundary, 0.1),
            ]
            let sum = parts.dropFirst().reduce(parts[0].0.scaled(by: parts[0].1)) { $0 + $1.0.scaled(by: $1.1) }
            return (sum.sum(), parts.reduce(0) { $0 + $1.0.total * Double($1.1) })
        }
        let leaf = Tensor(values, shape: [2, 3, 9, 7]).asLeaf()
        backward(loss(leaf).tensor)
        let gradient = try #require(leaf.gradient).values
        let scale = gradient.map(abs).max() ?? 0
        for index in stride(from: 0, to: values.count, by: 7) {
            func moved(_ step: Float) -> Double {
                var changed = values
                changed[index] += step
                return loss(Tensor(changed, shape: [2, 3, 9, 7])).exact
            }
            let slope = (moved(0.02) - moved(-0.02)) / Double((values[index] + 0.02) - (values[index] - 0.02))
            #expect(abs(slope - Double(gradient[index])) < 5e-3 * Double(scale), "logit \(index)")
        }
    }

    /// With both weights one half Tversky is Dice with half the smoothing; a heavier weight makes its error dearer.
    @Test func tverskyWeighsErrors() {
        let targets = Tensor([1, 1, 1, 1, 0, 0, 0, 0], shape: [1, 8])
        func loss(_ logits: [Float], _ alpha: Float, _ beta: Float, smoothing: Float = 1) -> MaskLosses {
            MaskLosses(
                logits: Tensor(logits, shape: [1, 1, 8]), targets: targets, smoothing: smoothing, tverskyAlpha: alpha,
                tverskyBeta: beta)
        }
        let some: [Float] = [1, -2, 0.5, 3, -1, 2, -0.3, 0.1]
        #expect(
            abs(loss(some, 0.5, 0.5).tversky.scalar - loss(some, 0.5, 0.5, smoothing: 2).dice.scalar) < 1e-6)
        let tooMuch = [Float](repeating: 9, count: 6) + [-9, -9]
        let tooLittle = [Float](repeating: 9, count: 2) + [Float](repeating: -9, count: 6)
        #expect(loss(tooMuch, 0.9, 0.1).tversky.scalar > loss(tooMuch, 0.1, 0.9).tversky.scalar + 0.1)
        #expect(loss(tooLittle, 0.9, 0.1).tversky.scalar < loss(tooLittle, 0.1, 0.9).tversky.scalar - 0.1)
    }

    /// Without weights there is no boundary loss, and nothing flows back from it.
    @Test func withoutWeightsTheBoundaryLossIsZero() {
        let logits = Tensor([1, -1, 2], shape: [1, 1, 3]).asLeaf()
        let losses = MaskLosses(logits: logits, targets: Tensor([1, 0, 1], shape: [1, 3]))
        backward(losses.boundary.sum())
        #expect(losses.boundary.scalar == 0 && logits.gradient?.values == [0, 0, 0])
    }

    @Test func bytesDoNotDependOnThreads() {
        var random = CounterRandom(seed: 2, purpose: RandomPurpose("loss test"))
        let logits = Tensor((0..<4 * 3 * 9999).map { _ in Float(random.normal() * 3) }, shape: [4, 3, 9999])
        let targets = Tensor((0..<4 * 9999).map { _ in random.uniform() > 0.5 ? 1 : 0 }, shape: [4, 9999])
        let distances = Tensor((0..<4 * 9999).map { _ in Float(random.normal() / 9999) }, shape: [4, 9999])
        let results = atEveryWorkerCount {
            let leaf = logits.asLeaf()
            let losses = MaskLosses(logits: leaf, targets: targets, boundaryWeights: distances)
            backward(losses.tversky.sum() + losses.boundary.mean())
            return [losses.tversky.values, losses.boundary.values, leaf.gradient?.values ?? []]
        }
        #expect(results.allSatisfy { $0 == results[0] && !$0[2].isEmpty })
    }

    @Test func absoluteErrorAndItsSlope() {
        let prediction = Tensor([0.5, 0.2, 0.7], shape: [1, 3]).asLeaf()
        let error = absoluteError(prediction, Tensor([0.25, 0.7, 0.7], shape: [1, 3]))
        #expect(error.values == [0.25, 0.5, 0])
        backward((error * Tensor([1, 2, 3], shape: [1, 3])).sum())
        #expect(prediction.gradient?.values == [1, -2, 0])
    }
}
