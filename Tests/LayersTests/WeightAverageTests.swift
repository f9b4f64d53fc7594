import Layers
import Tensors
import TestSupport
import Testing

@Suite struct WeightAverageTests {
    /// Against the formula in Double, warm-up included.
    @Test func followsTheFormula() {
        let parameter = Parameter(name: "w", value: Tensor([1, -2], shape: [2]))
        var average = WeightAverage(of: [parameter], decay: 0.3)
        var expected = [1.0, -2.0]
        for step in 0..<12 {
            let weights = [Float(step) * 0.5, 3 - Float(step)]
            parameter.value = Tensor(weights, shape: [2])
            average.update()
            let decay = min(0.3, Double(1 + step) / Double(10 + step))
            expected = zip(expected, weights).map { decay * $0 + (1 - decay) * Double($1) }
            #expect(relativeError(average.values[0].values, expected) < 1e-6)
        }
        #expect(average.updates == 12 && average.nextDecay == 0.3)
    }

    /// The average of weights that an optimiser changes in place is not changed with them.
    @Test func weightsComeBack() {
        let parameter = Parameter(name: "w", value: Tensor([1], shape: [1]))
        var average = WeightAverage(of: [parameter], decay: 0.5)
        parameter.withMutableElements { $0[0] = 5 }
        #expect(average.values[0].values == [1])
        average.update()
        let inside = average.inPlace { parameter.value.values }
        #expect(relativeError(inside, [0.1 * 1 + 0.9 * 5]) < 1e-6 && parameter.value.values == [5])
    }

    @Test func bytesDoNotDependOnThreads() {
        let values = (0..<70_001).map { Float($0 % 97) / 50 - 1 }
        let results = atEveryWorkerCount {
            let parameter = Parameter(name: "w", value: Tensor(values, shape: [70_001]))
            var average = WeightAverage(of: [parameter], decay: 0.9)
            parameter.value = Tensor(values.reversed(), shape: [70_001])
            for _ in 0..<3 { average.update() }
            return average.values[0].values
        }
        #expect(results.allSatisfy { $0 == results[0] } && results[0] != values)
    }
}
