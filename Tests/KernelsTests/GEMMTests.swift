import KernelABI
import Kernels
import Runtime
import TestSupport
import Testing

/// The matrix product against three loops in Double, on every CPU level of this machine.
@Suite struct GEMMTests {
    static let shapes: [(m: Int, n: Int, k: Int)] = [
        (1, 1, 1), (1, 1, 0), (3, 5, 2), (6, 16, 7), (12, 32, 9), (13, 33, 257), (5, 70, 300), (97, 65, 31),
        (200, 100, 520), (7, 300, 64), (1, 513, 40), (130, 1, 60), (40, 30, 1200),
    ]

    /// Rounding of a sum of k products of numbers below 1: random walk, with a wide margin.
    static func tolerance(k: Int) -> Double { 1e-6 * (2 + Double(k).squareRoot()) }

    struct Operands {
        var a: [Float]
        var b: [Float]
        let c: [Float]
        let bias: [Float]

        init(m: Int, n: Int, k: Int) {
            var random = CounterRandom(seed: 5, sample: UInt64(m * 1000 + n), purpose: RandomPurpose("gemm test"))
            func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.uniform(-1..<1)) } }
            a = draw(m * k)
            b = draw(k * n)
            c = draw(m * n)
            bias = draw(n)
        }
    }

    /// The product with A and B stored either way round.
    static func product(
        _ operands: Operands, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0, isATransposed: Bool = false,
        isBTransposed: Bool = false, hasBias: Bool = false, activation: Activation = .identity
    ) -> [Float] {
        var c = operands.c
        operands.a.withUnsafeBufferPointer { a in
            operands.b.withUnsafeBufferPointer { b in
                operands.bias.withUnsafeBufferPointer { bias in
                    c.withUnsafeMutableBufferPointer { c in
                        // Empty arrays have no address; a product with k = 0 reads none.
                        let nothing = UnsafePointer(c.baseAddress.unsafelyUnwrapped)
                        let left = a.baseAddress ?? nothing
                        let right = b.baseAddress ?? nothing
                        GEMM.multiply(
                            m: m, n: n, k: k, alpha: alpha,
                            a: isATransposed
                                ? MatrixView(left, rowStride: 1, columnStride: m) : MatrixView(left, rowStride: k),
                            b: isBTransposed
                                ? MatrixView(right, rowStride: 1, columnStride: k) : MatrixView(right, rowStride: n),
                            beta: beta, c: c.baseAddress.unsafelyUnwrapped, ldc: n,
                            epilogue: GEMM.Epilogue(bias: hasBias ? bias.baseAddress : nil, activation: activation))
                    }
                }
            }
        }
        return c
    }

    static func reference(
        _ operands: Operands, m: Int, n: Int, k: Int, alpha: Double = 1, beta: Double = 0, isATransposed: Bool = false,
        isBTransposed: Bool = false, hasBias: Bool = false
    ) -> [Double] {
        var result: [Double] = []
        for i in 0..<m {
            for j in 0..<n {
                var sum = 0.0
                for p in 0..<k {
                    let a = operands.a[isATransposed ? p * m + i : i * k + p]
                    let b = operands.b[isBTransposed ? j * k + p : p * n + j]
                    sum += Double(a) * Double(b)
                }
                sum *= alpha
                if beta != 0 { sum += beta * Double(operands.c[i * n + j]) }
                if hasBias { sum += Double(operands.bias[j]) }
                result.append(sum)
            }
        }
        return result
    }

    static func largestError(_ values: [Float], _ expected: [Double]) -> Double {
        zip(values, expected).reduce(0) { largest, pair in
            let error = abs(Double(pair.0) - pair.1)
            return error > largest || error.isNaN ? error : largest
        }
    }

    @Test(arguments: Kernels.available.map(\.level), shapes.indices)
    func agreesWithTheReference(level: CPULevel, index: Int) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let (m, n, k) = Self.shapes[index]
        let operands = Operands(m: m, n: n, k: k)
        Kernels.with(table) {
            for isATransposed in [false, true] {
                for isBTransposed in [false, true] {
                    let values = Self.product(
                        operands, m: m, n: n, k: k, isATransposed: isATransposed, isBTransposed: isBTransposed)
                    let expected = Self.reference(
                        operands, m: m, n: n, k: k, isATransposed: isATransposed, isBTransposed: isBTransposed)
                    #expect(
                        Self.largestError(values, expected) <= Self.tolerance(k: k), "\(isATransposed) \(isBTransposed)"
                    )
                }
            }
            let values = Self.product(operands, m: m, n: n, k: k, alpha: -0.5, beta: 0.25, hasBias: true)
            let expected = Self.reference(operands, m: m, n: n, k: k, alpha: -0.5, beta: 0.25, hasBias: true)
            #expect(Self.largestError(values, expected) <= Self.tolerance(k: k), "alpha, beta, bias")
            let rectified = Self.product(operands, m: m, n: n, k: k, hasBias: true, activation: .relu)
            let plain = Self.reference(operands, m: m, n: n, k: k, hasBias: true).map { max(0, $0) }
            #expect(Self.largestError(rectified, plain) <= Self.tolerance(k: k), "relu")
        }
    }

    /// A matrix product never reads C when beta is 0: what was there may be anything.
    @Test func betaZeroIgnoresWhatWasThere() {
        var c = [Float](repeating: .nan, count: 12)
        let ones = [Float](repeating: 1, count: 12)
        ones.withUnsafeBufferPointer { ones in
            c.withUnsafeMutableBufferPointer { c in
                let one = ones.baseAddress.unsafelyUnwrapped
                GEMM.multiply(
                    m: 3, n: 4, k: 2, a: MatrixView(one, rowStride: 2), b: MatrixView(one, rowStride: 4),
                    c: c.baseAddress.unsafelyUnwrapped, ldc: 4)
            }
        }
        #expect(c == [Float](repeating: 2, count: 12))
    }

    @Test(arguments: Kernels.available.map(\.level))
    func bytesDoNotDependOnThreads(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        for (m, n, k) in [(300, 70, 520), (9, 900, 300), (1, 2000, 257), (50, 90, 3000), (500, 900, 40)] {
            let operands = Operands(m: m, n: n, k: k)
            let results = atEveryWorkerCount {
                Kernels.with(table) {
                    Self.product(operands, m: m, n: n, k: k, hasBias: true, activation: .gelu).map(\.bitPattern)
                }
            }
            #expect(results.allSatisfy { $0 == results[0] })
        }
    }
}
