import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Batch normalisation against its formula in Double, its gradients against differences.
@Suite struct BatchNormTests {
    static let epsilon: Float = 1e-5

    static func run(_ inputs: [Tensor]) -> Tensor {
        inputs[0].batchNorm(weight: inputs[1], bias: inputs[2], epsilon: epsilon).output
    }

    /// Rows fewer and more than a chunk holds, channels below and above a register.
    static let shapes = [[1, 2, 1, 3], [2, 3, 5, 20], [3, 70, 40, 33]]

    @Test(arguments: shapes) func agreesWithTheFormula(_ shape: [Int]) {
        let channels = shape[3]
        // A mean far from zero, which must not swallow the variance.
        let x = Tensor.random(shape, seed: 3) + Tensor(repeating: 50, shape: [channels])
        let (weight, bias) = (Tensor.random([channels], seed: 4), Tensor.random([channels], seed: 5))
        let (values, rows) = (x.values.map(Double.init), x.count / channels)
        for table in Kernels.available {
            let (output, statistics) = Kernels.with(table) {
                x.batchNorm(weight: weight, bias: bias, epsilon: Self.epsilon)
            }
            #expect(statistics.count == rows)
            for channel in 0..<channels {
                let own = (0..<rows).map { values[$0 * channels + channel] }
                let mean = own.reduce(0, +) / Double(rows)
                let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
                #expect(abs(Double(statistics.mean.values[channel]) - mean) < 1e-4)
                #expect(abs(Double(statistics.variance.values[channel]) - variance) < 1e-5)
                let factor = Double(weight.values[channel]) / (variance + Double(Self.epsilon)).squareRoot()
                let found = output.withUnsafeBuffer { elements in
                    (0..<rows).map { Double(elements[$0 * channels + channel]) }
                }
                let error = zip(found, own).reduce(0) {
                    max($0, abs($1.0 - (($1.1 - mean) * factor + Double(bias.values[channel]))))
                }
                #expect(error < 1e-4, "channel \(channel): \(error)")
            }
        }
    }

    @Test func gradientsAreDerivatives() {
        FiniteDifferences.check([[2, 3, 4, 5], [5], [5]]) { Self.run($0) }
        FiniteDifferences.check([[1, 2, 2, 17], [17], [17]]) { Self.run($0) }
    }

    @Test(arguments: shapes) func bytesDoNotDependOnWorkers(_ shape: [Int]) {
        let inputs = MaskDecoderOperationTests.inputs([shape, [shape[3]], [shape[3]]])
        let results = atEveryWorkerCount { MaskDecoderOperationTests.run(inputs) { Self.run($0) } }
        #expect(results.allSatisfy { $0 == results[0] })
    }
}
