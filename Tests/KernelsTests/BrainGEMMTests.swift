import KernelABI
import Kernels
import Runtime
import TestSupport
import Testing

extension KernelTable {
    /// The kernels of every level of this machine, and those with products of bfloat16 where it has any.
    static var variants: [KernelTable] {
        Kernels.available + Kernels.available.compactMap { table in table.brainGEMM.map(table.multiplying) }
    }
}

/// Products of operands that are rounded to bfloat16, with sums in Float.
@Suite(.enabled(if: Kernels.table.brainGEMM != nil, "this processor has no AVX512_BF16"))
struct BrainGEMMTests {
    /// To the nearest number of eight bits, even where two are as near.
    static func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    static func rounded(_ operands: GEMMTests.Operands) -> GEMMTests.Operands {
        var copy = operands
        copy.a = operands.a.map(rounded)
        copy.b = operands.b.map(rounded)
        return copy
    }

    private static func brain<Value>(_ body: () throws -> Value) rethrows -> Value {
        try Kernels.withProducts(of: .bfloat16, body)
    }

    @Test(arguments: GEMMTests.shapes.indices) func agreesWithTheReference(index: Int) {
        let (m, n, k) = GEMMTests.shapes[index]
        let operands = Self.rounded(GEMMTests.Operands(m: m, n: n, k: k))
        Self.brain {
            for (isATransposed, isBTransposed) in [(false, false), (false, true), (true, false), (true, true)] {
                let values = GEMMTests.product(
                    operands, m: m, n: n, k: k, isATransposed: isATransposed, isBTransposed: isBTransposed)
                let expected = GEMMTests.reference(
                    operands, m: m, n: n, k: k, isATransposed: isATransposed, isBTransposed: isBTransposed)
                #expect(
                    GEMMTests.largestError(values, expected) <= GEMMTests.tolerance(k: k),
                    "\(isATransposed) \(isBTransposed)")
            }
            let values = GEMMTests.product(operands, m: m, n: n, k: k, alpha: -0.5, beta: 0.25, hasBias: true)
            let expected = GEMMTests.reference(operands, m: m, n: n, k: k, alpha: -0.5, beta: 0.25, hasBias: true)
            #expect(GEMMTests.largestError(values, expected) <= GEMMTests.tolerance(k: k), "alpha, beta, bias")
            let rectified = GEMMTests.product(operands, m: m, n: n, k: k, hasBias: true, activation: .relu)
            let plain = GEMMTests.reference(operands, m: m, n: n, k: k, hasBias: true).map { max(0, $0) }
            #expect(GEMMTests.largestError(rectified, plain) <= GEMMTests.tolerance(k: k), "relu")
        }
    }

    /// What is packed is rounded, as the conversion of activations does it: the bits are those of rounded operands, and
    /// other ones than those of Float.
    @Test(arguments: [(97, 65, 31), (200, 100, 520), (40, 30, 1200), (64, 64, 33)]) func operandsAreRounded(
        m: Int, n: Int, k: Int
    ) {
        let operands = GEMMTests.Operands(m: m, n: n, k: k)
        for isTransposed in [false, true] {
            let product = { (operands: GEMMTests.Operands) in
                GEMMTests.product(operands, m: m, n: n, k: k, isATransposed: isTransposed, isBTransposed: isTransposed)
            }
            let found = Self.brain { product(operands) }
            #expect(found == Self.brain { product(Self.rounded(operands)) })
            #expect(found != product(operands))
        }
    }

    /// Places that belong to no operand are never part of a sum, whatever is there: k is odd, and neither rows nor columns
    /// fill their panels.
    @Test func whatLiesBesideIsNotRead() {
        let (m, n, k) = (29, 45, 63)
        let operands = Self.rounded(GEMMTests.Operands(m: m, n: n, k: k))
        // Rows of A and B with room behind them that holds no numbers.
        func widened(_ values: [Float], rows: Int, columns: Int) -> [Float] {
            (0..<rows).flatMap { row in
                values[row * columns..<(row + 1) * columns] + [Float](repeating: .nan, count: 64 - columns)
            } + [Float](repeating: .nan, count: 64)
        }
        let (a, b) = (widened(operands.a, rows: m, columns: k), widened(operands.b, rows: k, columns: n))
        var c = [Float](repeating: .nan, count: m * n)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                Self.brain {
                    GEMM.multiply(
                        m: m, n: n, k: k, a: MatrixView(a.baseAddress.unsafelyUnwrapped, rowStride: 64),
                        b: MatrixView(b.baseAddress.unsafelyUnwrapped, rowStride: 64), c: &c, ldc: n)
                }
            }
        }
        let expected = GEMMTests.reference(operands, m: m, n: n, k: k)
        #expect(GEMMTests.largestError(c, expected) <= GEMMTests.tolerance(k: k))
    }

    /// Numbers without an end stay what they are, and a sum that is none says so.
    @Test func whatIsNotFiniteIsSeen() {
        let (m, n, k) = (40, 40, 8)
        var operands = GEMMTests.Operands(m: m, n: n, k: k)
        operands.a[0] = .infinity
        operands.a[k] = .nan
        let found = Self.brain { GEMMTests.product(operands, m: m, n: n, k: k) }
        #expect(found[..<n].allSatisfy { $0.isInfinite } && found[n..<2 * n].allSatisfy { $0.isNaN })
        #expect(found[(2 * n)...].allSatisfy { $0.isFinite })
    }

    @Test func bytesDoNotDependOnThreads() {
        for (m, n, k) in [(300, 70, 520), (9, 900, 300), (1, 2000, 257), (50, 90, 3000), (500, 900, 40)] {
            let operands = GEMMTests.Operands(m: m, n: n, k: k)
            let results = atEveryWorkerCount {
                Self.brain {
                    GEMMTests.product(operands, m: m, n: n, k: k, hasBias: true, activation: .gelu).map(\.bitPattern)
                }
            }
            #expect(results.allSatisfy { $0 == results[0] })
        }
    }

    /// Within, products of Float can be asked for again; a level without such products multiplies Float.
    @Test func theFormatIsThatOfTheScope() {
        #expect(Kernels.table.gemm.operands == .float32)
        Self.brain {
            #expect(Kernels.table.gemm.operands == .bfloat16)
            Kernels.withProducts(of: .float16) { #expect(Kernels.table.gemm.operands == .float32) }
        }
        Kernels.with(Kernels.available[0]) { Self.brain { #expect(Kernels.table.gemm.operands == .float32) } }
    }
}
