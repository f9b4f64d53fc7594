import KernelABI
import Kernels
import Runtime
import Testing

/// Operands of 16 bits: the product is that of their values as Float, bit for bit where it takes the same way.
@Suite struct GEMMFormatTests {
    struct Case: Sendable {
        let format: ElementFormat
        let isATransposed: Bool
        let isBTransposed: Bool
        let isANarrow: Bool
    }

    static let cases = [ElementFormat.bfloat16, .float16].flatMap { format in
        [false, true].flatMap { isATransposed in
            [false, true].flatMap { isBTransposed in
                [false, true].map {
                    Case(
                        format: format, isATransposed: isATransposed, isBTransposed: isBTransposed, isANarrow: $0)
                }
            }
        }
    }

    @Test(arguments: Kernels.available.map(\.level), cases)
    func agreesWithTheValuesAsFloat(level: CPULevel, test: Case) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        for (m, n, k) in [(7, 70, 40), (30, 65, 300), (20, 33, 1200)] {
            let operands = GEMMTests.Operands(m: m, n: n, k: k)
            let narrow = test.format == .bfloat16 ? table.conversions.toBFloat16 : table.conversions.toFloat16
            let widen = test.format == .bfloat16 ? table.conversions.fromBFloat16 : table.conversions.fromFloat16
            let a = ConversionTests.narrow(narrow, operands.a)
            let b = ConversionTests.narrow(narrow, operands.b)
            let wideA = test.isANarrow ? ConversionTests.widen(widen, a) : operands.a
            let wideB = ConversionTests.widen(widen, b)
            let aStrides = test.isATransposed ? (1, m) : (k, 1)
            let bStrides = test.isBTransposed ? (1, k) : (n, 1)
            var results: [[Float]] = []
            wideA.withUnsafeBufferPointer { wideA in
                wideB.withUnsafeBufferPointer { wideB in
                    a.withUnsafeBufferPointer { a in
                        b.withUnsafeBufferPointer { b in
                            let left = Self.view(wideA, aStrides)
                            let right = Self.view(wideB, bStrides)
                            let narrowLeft = test.isANarrow ? Self.view(a, test.format, aStrides) : left
                            let narrowRight = Self.view(b, test.format, bStrides)
                            Kernels.with(table) {
                                results.append(Self.product(m, n, k, left, right))
                                results.append(Self.product(m, n, k, narrowLeft, narrowRight))
                            }
                        }
                    }
                }
            }
            // Few rows take a way of their own only where they need no conversion: another order of the sums.
            if m > 24 { #expect(results[0] == results[1]) }
            let expected = Self.reference(m, n, k, wideA, aStrides, wideB, bStrides)
            for values in results { #expect(GEMMTests.largestError(values, expected) <= GEMMTests.tolerance(k: k)) }
        }
    }

    static func view(_ values: UnsafeBufferPointer<Float>, _ strides: (Int, Int)) -> MatrixView {
        MatrixView(values.baseAddress.unsafelyUnwrapped, rowStride: strides.0, columnStride: strides.1)
    }

    static func view(
        _ values: UnsafeBufferPointer<UInt16>, _ format: ElementFormat, _ strides: (Int, Int)
    ) -> MatrixView {
        MatrixView(
            values.baseAddress.unsafelyUnwrapped, format: format, rowStride: strides.0, columnStride: strides.1)
    }

    static func product(_ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView) -> [Float] {
        [Float](unsafeUninitializedCapacity: m * n) { c, count in
            GEMM.multiply(m: m, n: n, k: k, a: a, b: b, c: c.baseAddress.unsafelyUnwrapped, ldc: n)
            count = m * n
        }
    }

    static func reference(
        _ m: Int, _ n: Int, _ k: Int, _ a: [Float], _ aStrides: (Int, Int), _ b: [Float], _ bStrides: (Int, Int)
    ) -> [Double] {
        (0..<m * n).map { index in
            let (i, j) = (index / n, index % n)
            return (0..<k).reduce(0.0) { sum, p in
                sum + Double(a[i * aStrides.0 + p * aStrides.1]) * Double(b[p * bStrides.0 + j * bStrides.1])
            }
        }
    }
}
