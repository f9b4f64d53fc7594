import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Products of thin matrices added to a weight, and beside it.
@Suite struct LowRankTests {
    /// Rows in pieces, as a weight has them that holds several.
    private static let ranges = [1..<3, 6..<9]

    private static func parts(_ inputs: [Tensor]) -> [LowRankFactors] {
        [
            LowRankFactors(a: inputs[0], b: inputs[1], rows: ranges, scale: 0.7),
            LowRankFactors(a: inputs[2], b: inputs[3], rows: [0..<10], scale: 2),
        ]
    }

    /// Of A [2, 6], B [5, 2] for some of ten rows, and A [3, 6], B [10, 3] for all.
    private static let shapes = [[2, 6], [5, 2], [3, 6], [10, 3]]

    @Test func gradientsBesideTheWeight() {
        FiniteDifferences.check([[2, 7, 6], [10, 6], [10]] + Self.shapes) { inputs in
            inputs[0].linear(weight: inputs[1], bias: inputs[2], adding: Self.parts(Array(inputs[3...])))
        }
    }

    @Test func gradientsWithinTheWeight() {
        FiniteDifferences.check([[10, 6]] + Self.shapes) { inputs in inputs[0].adding(Self.parts(Array(inputs[1...]))) }
    }

    /// The changed weight, element by element.
    private static func reference(_ weight: Tensor, _ parts: [LowRankFactors]) -> [Double] {
        var values = weight.values.map(Double.init)
        let inputs = weight.shape[1]
        for part in parts {
            let (a, b, rank) = (part.a.values, part.b.values, part.a.shape[0])
            for (place, row) in part.rows.joined().enumerated() {
                for column in 0..<inputs {
                    for r in 0..<rank {
                        values[row * inputs + column] +=
                            Double(part.scale) * Double(b[place * rank + r]) * Double(a[r * inputs + column])
                    }
                }
            }
        }
        return values
    }

    @Test func bothFormsAreTheReference() {
        let weight = Tensor.random([10, 6], seed: 1)
        let x = Tensor.random([9, 6], seed: 2)
        let bias = Tensor.random([10], seed: 3)
        let parts = Self.parts(Self.shapes.enumerated().map { Tensor.random($1, seed: UInt64($0 + 4)) })
        let expected = Self.reference(weight, parts)
        let changed = weight.adding(parts)
        for (found, wanted) in zip(changed.values, expected) { #expect(abs(Double(found) - wanted) < 1e-5) }
        let beside = x.linear(weight: weight, bias: bias, adding: parts)
        let within = x.linear(weight: changed, bias: bias)
        for (found, wanted) in zip(beside.values, within.values) { #expect(abs(found - wanted) < 1e-5) }
        let plain = x.linear(weight: weight, bias: bias)
        #expect(zip(beside.values, plain.values).contains { abs($0 - $1) > 0.1 })
    }

    /// A product with a zero B is no change, to the bit.
    @Test func zeroChangesNothing() {
        let weight = Tensor.random([48, 64], seed: 1)
        let x = Tensor.random([70, 64], seed: 2)
        let parts = [
            LowRankFactors(
                a: .random([4, 64], seed: 3), b: Tensor(zeros: [16, 4]), rows: [8..<16, 40..<48], scale: 3)
        ]
        #expect(x.linear(weight: weight, bias: nil, adding: parts).values == x.linear(weight: weight, bias: nil).values)
        #expect(weight.adding(parts).values == weight.values)
    }

    private static func gradients(_ format: ElementFormat = .float32, isConstant: Bool = true) -> [[Float]] {
        let weight = Tensor.random([96, 64], seed: 1)
        let leaf = Tensor.random([300, 64], seed: 2).asLeaf()
        let a = Tensor.random([4, 64], seed: 3).asLeaf()
        let b = Tensor.random([64, 4], seed: 4).asLeaf()
        let loss = SavedActivations.with(format) {
            // An activation, which is kept in the format.
            let x = leaf.scaled(by: 1.5)
            let y = x.linear(
                weight: isConstant ? weight : weight.asLeaf(), bias: nil,
                adding: [LowRankFactors(a: a, b: b, rows: [0..<32, 64..<96], scale: 0.5)])
            return (y * y).sum()
        }
        backward(loss)
        return [leaf, a, b].map { $0.gradient?.values ?? [] }
    }

    @Test func bytesDoNotDependOnWorkers() {
        let results = atEveryWorkerCount { Self.gradients() }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(Self.gradients(isConstant: false) == results[0])
    }

    @Test(arguments: [(ElementFormat.bfloat16, Float(0.02)), (.float16, 0.003)])
    func keptInHalfTheyDifferByRounding(format: ElementFormat, tolerance: Float) {
        let (exact, rounded) = (Self.gradients(), Self.gradients(format))
        #expect(exact[1] != rounded[1])
        for (found, expected) in zip(rounded, exact) {
            let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < tolerance * scale })
        }
    }

    @Test func parametersKnowTheirUpdates() {
        let weight = Parameter(name: "w", value: .random([10, 6], seed: 1), isTrainable: false)
        weight.isMatrix = true
        let update = LowRankUpdate(
            a: Parameter(name: "a", value: .random([2, 6], seed: 2)),
            b: Parameter(name: "b", value: .random([5, 2], seed: 3)), rows: Self.ranges, scale: 1)
        let (value, version) = (weight.tensor.values, weight.version)
        #expect(!weight.isLearning && weight.tensor.node == nil)
        weight.attach([update])
        #expect(weight.isLearning && weight.tensor.node != nil && weight.version > version)
        #expect(weight.tensor.values != value && weight.plainTensor.values == value && weight.value.values == value)
        update.a.isTrainable = false
        update.b.isTrainable = false
        #expect(!weight.isLearning && weight.tensor.node == nil && weight.tensor.values != value)
        weight.attach([])
        #expect(weight.tensor.values == value)
    }
}
