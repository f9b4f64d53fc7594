import Runtime
import Tensors
import TestSupport
import Testing

/// Normalisation of whole pictures, and 3 x 3 filters of a picture's own, against readable references and differences.
@Suite struct PictureOperationTests {
    @Test func pictureNormAgreesWithItsDefinition() {
        let (batch, height, width, channels) = (3, 17, 23, 5)
        // Far from zero, where a difference of sums would lose the variance.
        let x = Tensor.random([batch, height, width, channels], seed: 1).values.map { 0.5 * $0 + 300 }
        let weight = Tensor.random([channels], seed: 2)
        let bias = Tensor.random([channels], seed: 3)
        let found = Tensor(x, shape: [batch, height, width, channels])
            .pictureNorm(weight: weight, bias: bias, epsilon: 1e-5).values
        let count = height * width * channels
        for picture in 0..<batch {
            let values = x[picture * count..<(picture + 1) * count].map(Double.init)
            let mean = values.reduce(0, +) / Double(count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            for (index, value) in values.enumerated() {
                let channel = index % channels
                let expected =
                    (value - mean) / (variance + 1e-5).squareRoot() * Double(weight.values[channel])
                    + Double(bias.values[channel])
                #expect(abs(Double(found[picture * count + index]) - expected) < 3e-4)
            }
        }
    }

    @Test func pictureNormGradient() {
        FiniteDifferences.check([[2, 3, 2, 4], [4], [4]], step: 0.02) {
            $0[0].pictureNorm(weight: $0[1], bias: $0[2], epsilon: 1e-2)
        }
        FiniteDifferences.check([[1, 40, 33, 3], [3], [3]]) {
            $0[0].pictureNorm(weight: $0[1], bias: $0[2], epsilon: 1e-2)
        }
    }

    @Test(arguments: [(1, 1), (1, 4), (5, 1), (2, 2), (6, 19)])
    func ownFiltersAgreeWithTheirDefinition(height: Int, width: Int) {
        let (batch, channels) = (2, 5)
        let x = Tensor.random([batch, height, width, channels], seed: 4)
        let filters = Tensor.random([batch, 9, channels], seed: 5)
        let found = x.filtered3x3(by: filters)
        #expect(found.shape == [batch, height, width])
        let (pixels, taps) = (x.values, filters.values)
        for picture in 0..<batch {
            for row in 0..<height {
                for column in 0..<width {
                    var expected: Float = 0
                    for place in 0..<9 {
                        let (y, x) = (row + place / 3 - 1, column + place % 3 - 1)
                        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
                        for channel in 0..<channels {
                            expected +=
                                taps[(picture * 9 + place) * channels + channel]
                                * pixels[((picture * height + y) * width + x) * channels + channel]
                        }
                    }
                    let value = found.values[(picture * height + row) * width + column]
                    #expect(abs(value - expected) < 1e-5, "\(picture) \(row) \(column)")
                }
            }
        }
    }

    @Test func ownFilterGradient() {
        FiniteDifferences.check([[2, 3, 4, 2], [2, 9, 2]]) { $0[0].filtered3x3(by: $0[1]) }
        FiniteDifferences.check([[1, 1, 1, 3], [1, 9, 3]]) { $0[0].filtered3x3(by: $0[1]) }
        FiniteDifferences.check([[2, 9, 3, 5]]) { $0[0].summedPlanes3x3() }
    }

    @Test func nothingDependsOnTheNumberOfWorkers() {
        let runs = atEveryWorkerCount {
            let x = Tensor.random([2, 90, 71, 12], seed: 6).asLeaf()
            let weights = (7..<9).map { Tensor.random([12], seed: $0).asLeaf() }
            let filters = Tensor.random([2, 9, 12], seed: 9).asLeaf()
            let output = x.pictureNorm(weight: weights[0], bias: weights[1], epsilon: 1e-5).filtered3x3(by: filters)
            backward(output, seed: Tensor.random(output.shape, seed: 10))
            return ([output] + ([x, filters] + weights).compactMap(\.gradient)).map { $0.values.map(\.bitPattern) }
        }
        #expect(runs[0].count == 5)
        for run in runs.dropFirst() { #expect(run == runs[0]) }
    }
}
