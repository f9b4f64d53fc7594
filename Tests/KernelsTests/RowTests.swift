import Foundation
import KernelABI
import Kernels
import Testing

/// Kernels of rows that end on any part of a register, against the formulas in Double, at every level.
@Suite struct RowTests {
    static let rows = 3

    /// Numbers of -2 to 2 without a pattern of a register's length.
    static func numbers(_ count: Int, _ seed: Int) -> [Float] {
        (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 4001) / 1000 - 2 }
    }

    private static func check(_ found: [Float], _ expected: [Double], _ columns: Int, _ level: CPULevel) {
        let scale = expected.reduce(1e-3) { max($0, abs($1)) }
        let error = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
        #expect(found.count == expected.count && error < 2e-6, "\(level), \(columns) columns: off by \(error)")
    }

    @Test(arguments: Kernels.available.map(\.level)) func layerNormIsAccurate(level: CPULevel) throws {
        let kernels = try #require(Kernels.available.first { $0.level == level }).rows
        for columns in 2...50 {
            let (x, w, b) = (
                Self.numbers(Self.rows * columns, 1), Self.numbers(columns, 2), Self.numbers(columns, 3)
            )
            var found = [Float](repeating: 0, count: x.count)
            kernels.layerNorm(x, w, b, 1e-3, Self.rows, columns, &found, nil, nil)
            let expected = (0..<Self.rows).flatMap { row -> [Double] in
                let values = x[row * columns..<(row + 1) * columns].map(Double.init)
                let mean = values.reduce(0, +) / Double(columns)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
                return values.enumerated().map { column, value in
                    (value - mean) / sqrt(variance + Double(Float(1e-3))) * Double(w[column]) + Double(b[column])
                }
            }
            Self.check(found, expected, columns, level)
        }
    }

    @Test(arguments: Kernels.available.map(\.level)) func softmaxAndSumsAreAccurate(level: CPULevel) throws {
        let kernels = try #require(Kernels.available.first { $0.level == level }).rows
        for columns in 1...50 {
            let x = Self.numbers(Self.rows * columns, 4)
            var found = [Float](repeating: 0, count: x.count)
            kernels.softmax(x, Self.rows, columns, &found)
            let expected = (0..<Self.rows).flatMap { row -> [Double] in
                let powers = x[row * columns..<(row + 1) * columns].map { exp(Double($0)) }
                let sum = powers.reduce(0, +)
                return powers.map { $0 / sum }
            }
            Self.check(found, expected, columns, level)
            let exact = x.prefix(columns).reduce(0) { $0 + Double($1) }
            #expect(abs(kernels.sum(x, columns) - exact) < 1e-5)
        }
    }

    /// More rows than are summed together, columns of up to several registers and any part of one; sums add to what is
    /// there, and the gradient may take the place of the output's.
    @Test(arguments: Kernels.available.map(\.level)) func normGradientsAreAccurate(level: CPULevel) throws {
        let kernels = try #require(Kernels.available.first { $0.level == level }).rows
        let rows = 19
        for columns in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 40, 47, 48, 56, 63, 64, 65, 129] {
            let (x, dy) = (Self.numbers(rows * columns, 5), Self.numbers(rows * columns, 6))
            let (weight, mean) = (Self.numbers(columns, 7), Self.numbers(rows, 8))
            let rstd = Self.numbers(rows, 9).map { 1 + abs($0) }
            var (dx, dWeight, dBias) = (
                dy, [Float](repeating: 1, count: columns), [Float](repeating: 2, count: columns)
            )
            dx.withUnsafeMutableBufferPointer { dx in
                dWeight.withUnsafeMutableBufferPointer { dWeight in
                    dBias.withUnsafeMutableBufferPointer { dBias in
                        guard let target = dx.baseAddress else { return }
                        x.withUnsafeBufferPointer { x in
                            weight.withUnsafeBufferPointer { weight in
                                mean.withUnsafeBufferPointer { mean in
                                    rstd.withUnsafeBufferPointer { rstd in
                                        guard let x = x.baseAddress, let weight = weight.baseAddress,
                                            let mean = mean.baseAddress, let rstd = rstd.baseAddress
                                        else { return }
                                        kernels.layerNormBackward(
                                            LayerNormBackward(
                                                input: x, gradient: target, weight: weight, mean: mean, rstd: rstd,
                                                rows: rows, columns: columns, inputGradient: target,
                                                weightGradient: dWeight.baseAddress, biasGradient: dBias.baseAddress))
                                    }
                                }
                            }
                        }
                    }
                }
            }
            var (slopes, weights, biases) = (
                [Double](), [Double](repeating: 1, count: columns), [Double](repeating: 2, count: columns)
            )
            for row in 0..<rows {
                let normal = (0..<columns).map {
                    (Double(x[row * columns + $0]) - Double(mean[row])) * Double(rstd[row])
                }
                let gradient = (0..<columns).map { Double(dy[row * columns + $0]) }
                let g = (0..<columns).map { gradient[$0] * Double(weight[$0]) }
                let average = g.reduce(0, +) / Double(columns)
                let slope = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
                for column in 0..<columns {
                    weights[column] += gradient[column] * normal[column]
                    biases[column] += gradient[column]
                    slopes.append(Double(rstd[row]) * (g[column] - average - normal[column] * slope))
                }
            }
            Self.check(dx, slopes, columns, level)
            Self.check(dWeight, weights, columns, level)
            Self.check(dBias, biases, columns, level)
            var sums = [Float](repeating: 3, count: columns)
            kernels.addColumnSums(dy, rows, columns, &sums)
            Self.check(sums, biases.map { $0 + 1 }, columns, level)
        }
    }
}
