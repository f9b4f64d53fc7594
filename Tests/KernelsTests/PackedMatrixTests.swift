import KernelABI
import Kernels
import Runtime
import TestSupport
import Testing

/// Products with a right operand that was packed before.
@Suite struct PackedMatrixTests {
    private func drawn(_ count: Int, seed: UInt64) -> [Float] {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("packed"))
        return (0..<count).map { _ in Float(random.uniform(-1..<1)) }
    }

    /// The bits are those of the matrix itself, for every way that the number of rows chooses.
    @Test(arguments: [(256, 128), (33, 40), (1000, 70), (7, 1)]) func bitsAreTheSame(k: Int, n: Int) throws {
        let weight = drawn(n * k, seed: 1)
        let bias = drawn(n, seed: 2)
        for table in KernelTable.variants {
            try Kernels.with(table) {
                try weight.withUnsafeBufferPointer { weight in
                    let b = MatrixView(weight.baseAddress.unsafelyUnwrapped, rowStride: k).transposed
                    let packed = try #require(PackedMatrix(b, k: k, n: n))
                    for m in [1, 24, 25, 70, 300] {
                        let a = drawn(m * k, seed: 3)
                        func product(_ packed: PackedMatrix?) -> [Float] {
                            var c = [Float](repeating: .nan, count: m * n)
                            a.withUnsafeBufferPointer { a in
                                bias.withUnsafeBufferPointer { bias in
                                    GEMM.multiply(
                                        m: m, n: n, k: k,
                                        a: MatrixView(a.baseAddress.unsafelyUnwrapped, rowStride: k), b: b, c: &c,
                                        ldc: n,
                                        epilogue: GEMM.Epilogue(bias: bias.baseAddress, activation: .relu),
                                        packed: packed)
                                }
                            }
                            return c
                        }
                        let expected = product(nil)
                        #expect(expected.allSatisfy { !$0.isNaN })
                        #expect(product(packed) == expected, "\(table.level), \(table.gemm.operands), \(m) rows")
                        #expect(atEveryWorkerCount { product(packed) }.allSatisfy { $0 == expected })
                    }
                }
            }
        }
    }

    /// Panels of another level are not used.
    @Test func anotherLevelPacksAnew() throws {
        let weight = drawn(64 * 64, seed: 4)
        let a = drawn(100 * 64, seed: 5)
        func product(_ packed: PackedMatrix?) -> [Float] {
            var c = [Float](repeating: .nan, count: 100 * 64)
            weight.withUnsafeBufferPointer { weight in
                a.withUnsafeBufferPointer { a in
                    GEMM.multiply(
                        m: 100, n: 64, k: 64, a: MatrixView(a.baseAddress.unsafelyUnwrapped, rowStride: 64),
                        b: MatrixView(weight.baseAddress.unsafelyUnwrapped, rowStride: 64), c: &c, ldc: 64,
                        packed: packed)
                }
            }
            return c
        }
        let packed = Kernels.with(Kernels.available[0]) {
            weight.withUnsafeBufferPointer {
                PackedMatrix(MatrixView($0.baseAddress.unsafelyUnwrapped, rowStride: 64), k: 64, n: 64)
            }
        }
        for table in Kernels.available { Kernels.with(table) { #expect(product(packed) == product(nil)) } }
    }

    @Test func whatIsTooLargeIsRefused() {
        let weight = [Float](repeating: 0, count: 1)
        weight.withUnsafeBufferPointer {
            let view = MatrixView($0.baseAddress.unsafelyUnwrapped, rowStride: 1)
            #expect(PackedMatrix(view, k: 1 << 20, n: 8) == nil)
            #expect(PackedMatrix(view, k: 0, n: 8) == nil)
        }
    }
}
