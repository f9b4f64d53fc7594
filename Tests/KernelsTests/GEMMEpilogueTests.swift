import Foundation
import KernelABI
import Kernels
import Runtime
import TestSupport
import Testing

/// What happens to a matrix product after its sums, in every path that a product can take, against loops in Double.
@Suite struct GEMMEpilogueTests {
    /// One for each path: dot products, rows of B as they lie, chunks of k, packed panels; and sizes that fill no tile.
    static let shapes: [(m: Int, n: Int, k: Int)] = [
        (1, 40, 64), (7, 33, 70), (24, 130, 17), (3, 5, 2), (30, 40, 1000), (13, 33, 1700), (150, 70, 90),
        (300, 31, 800),
    ]

    @Test(arguments: Kernels.available.map(\.level), shapes.indices)
    func biasActivationAndResidual(level: CPULevel, index: Int) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let (m, n, k) = Self.shapes[index]
        let operands = GEMMTests.Operands(m: m, n: n, k: k)
        // Rows of C and of the residual are longer than n, each in its own way.
        let (ldc, ldr) = (n + 3, n + 5)
        let residual = (0..<m * ldr).map { Float($0 % 17) / 8 - 1 }
        let before = (0..<m * ldc).map { Float($0 % 13) / 8 - 0.75 }
        for isBTransposed in [false, true] {
            let sums = GEMMTests.reference(
                operands, m: m, n: n, k: k, alpha: 0.5, isBTransposed: isBTransposed, hasBias: true)
            for (activation, beta) in [(Activation.identity, Float(0.25)), (.relu, 0), (.gelu, 0.25)] {
                var c = before
                Kernels.with(table) {
                    operands.multiply(
                        m: m, n: n, k: k, alpha: 0.5, isBTransposed: isBTransposed, beta: beta, into: &c, ldc: ldc,
                        activation: activation, residual: residual, ldr: ldr)
                }
                for i in 0..<m {
                    for j in 0..<ldc {
                        let value = Double(c[i * ldc + j])
                        if j >= n {
                            #expect(value == Double(before[i * ldc + j]), "outside of C")
                            continue
                        }
                        let sum = sums[i * n + j] + Double(beta) * Double(before[i * ldc + j])
                        let expected = Self.activate(sum, activation) + Double(residual[i * ldr + j])
                        #expect(abs(value - expected) <= GEMMTests.tolerance(k: k), "\(i), \(j), \(activation)")
                    }
                }
            }
        }
    }

    /// The dot products' last register holds lanes that were counted before: they must not count, even if infinite.
    @Test(arguments: Kernels.available.map(\.level))
    func infinityIsCountedOnce(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        var operands = GEMMTests.Operands(m: 7, n: 9, k: 37)
        for index in operands.b.indices { operands.b[index] = abs(operands.b[index]) + 1 }
        for index in operands.a.indices { operands.a[index] = 1 }
        operands.a[30] = .infinity
        var c = [Float](repeating: 0, count: 7 * 9)
        Kernels.with(table) {
            operands.multiply(m: 7, n: 9, k: 37, isBTransposed: true, into: &c, ldc: 9)
        }
        #expect(c[..<9].allSatisfy { $0 == .infinity } && c[9...].allSatisfy(\.isFinite))
    }

    /// Items of a batch keep the epilogue, and their bytes do not depend on the number of threads.
    @Test(arguments: Kernels.available.map(\.level))
    func batchesKeepTheEpilogue(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let (count, m, n, k) = (9, 20, 35, 19)
        let operands = GEMMTests.Operands(m: count * m, n: n, k: k)
        let residual = (0..<count * m * n).map { Float($0 % 17) }
        let results = atEveryWorkerCount {
            var c = operands.c
            Kernels.with(table) { operands.multiplyBatch(count, m: m, n: n, k: k, residual: residual, into: &c) }
            return c
        }
        let expected = zip(
            GEMMTests.reference(operands, m: count * m, n: n, k: k, hasBias: true), residual
        ).map { max(0, $0) + Double($1) }
        #expect(GEMMTests.largestError(results[0], expected) <= GEMMTests.tolerance(k: k))
        #expect(results.allSatisfy { $0.map(\.bitPattern) == results[0].map(\.bitPattern) })
    }

    static func activate(_ x: Double, _ activation: Activation) -> Double {
        switch activation {
        case .identity: x
        case .relu: max(0, x)
        case .gelu: 0.5 * x * erfc(-x * 0.5.squareRoot())
        }
    }
}

extension GEMMTests.Operands {
    /// Multiplies into rows of `ldc` floats.
    func multiply(
        m: Int, n: Int, k: Int, alpha: Float = 1, isBTransposed: Bool, beta: Float = 0, into c: inout [Float], ldc: Int,
        activation: Activation? = nil, residual: [Float]? = nil, ldr: Int = 0
    ) {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                bias.withUnsafeBufferPointer { bias in
                    (residual ?? []).withUnsafeBufferPointer { residual in
                        c.withUnsafeMutableBufferPointer { c in
                            let right = b.baseAddress.unsafelyUnwrapped
                            GEMM.multiply(
                                m: m, n: n, k: k, alpha: alpha,
                                a: MatrixView(a.baseAddress.unsafelyUnwrapped, rowStride: k),
                                b: isBTransposed
                                    ? MatrixView(right, rowStride: k).transposed : MatrixView(right, rowStride: n),
                                beta: beta, c: c.baseAddress.unsafelyUnwrapped, ldc: ldc,
                                epilogue: GEMM.Epilogue(
                                    bias: activation == nil ? nil : bias.baseAddress,
                                    activation: activation ?? .identity,
                                    residual: residual.isEmpty ? nil : residual.baseAddress, ldr: ldr))
                        }
                    }
                }
            }
        }
    }

    /// `count` products with the same B, bias and ReLU.
    func multiplyBatch(_ count: Int, m: Int, n: Int, k: Int, residual: [Float], into c: inout [Float]) {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                bias.withUnsafeBufferPointer { bias in
                    residual.withUnsafeBufferPointer { residual in
                        c.withUnsafeMutableBufferPointer { c in
                            GEMM.multiplyBatch(
                                count: count, m: m, n: n, k: k,
                                a: MatrixView(a.baseAddress.unsafelyUnwrapped, rowStride: k), aBatchStride: m * k,
                                b: MatrixView(b.baseAddress.unsafelyUnwrapped, rowStride: n), bBatchStride: 0,
                                c: c.baseAddress.unsafelyUnwrapped, ldc: n, cBatchStride: m * n,
                                epilogue: GEMM.Epilogue(
                                    bias: bias.baseAddress, activation: .relu, residual: residual.baseAddress, ldr: n),
                                residualBatchStride: m * n)
                        }
                    }
                }
            }
        }
    }
}
